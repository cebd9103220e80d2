//! The files of a demonstration: samples that the binary carries, in folders by who may read them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;
use zkmargin_circuits::{
    model::{Account, Money, ONE, parse_json},
    shape::{Shape, Statement},
};
use zkmargin_prover::atomic::{Access, Overwrite, Staged, write_atomic};

use crate::{
    commands::prove::ClaimArgs, error::CliError, files, input::MarketArgs, store::KeysArgs,
};

/// What the owner deposits before the second, refused attempt, USD.
pub(super) const DEPOSIT: i64 = 250_000;

const SNAPSHOT: &str = include_str!("../../../../samples/snapshot.json");
const POLICY: &str = include_str!("../../../../samples/policy.json");
const CONTEXT: &str = include_str!("../../../../samples/context.json");

/// The folder of a demo, removed at the end unless it is kept.
pub(super) enum Folder {
    Temporary(tempfile::TempDir),
    Kept(PathBuf),
}

impl Folder {
    pub(super) fn new(dir: Option<&Path>, keep: bool) -> Result<Self, CliError> {
        let io = |path: &Path, step| {
            let path = path.to_owned();
            move |source| CliError::Io { path, step, source }
        };
        if let Some(path) = dir {
            files::make_folder(path)?;
            let mut entries = fs::read_dir(path).map_err(io(path, "list the folder"))?;
            if entries.next().is_some() {
                let message = format!("{}: is not empty; name a new folder", path.display());
                return Err(CliError::Usage(message));
            }
            return Ok(Self::Kept(path.to_owned()));
        }
        let temporary = tempfile::Builder::new()
            .prefix("zkmargin-demo-")
            .tempdir()
            .map_err(io(&std::env::temp_dir(), "make a temporary folder"))?;
        Ok(if keep {
            Self::Kept(temporary.keep())
        } else {
            Self::Temporary(temporary)
        })
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }

    pub(super) fn kept(&self) -> Option<&Path> {
        match self {
            Self::Temporary(_) => None,
            Self::Kept(path) => Some(path),
        }
    }
}

/// The demo's files.
pub(super) struct Files {
    pub(super) private: PathBuf,
    pub(super) public: PathBuf,
    pub(super) keys: PathBuf,
}

impl Files {
    pub(super) fn write(folder: &Path, shape: Shape) -> Result<Self, CliError> {
        let files = Self {
            private: folder.join("private"),
            public: folder.join("public"),
            keys: folder.join("keys"),
        };
        // None of them can be there: the folder was empty. A link put there since is not followed.
        for path in [&files.private, &files.public, &files.keys] {
            fs::create_dir(path).map_err(|source| CliError::Io {
                path: path.clone(),
                step: "make the folder",
                source,
            })?;
        }
        for (name, text) in [
            ("snapshot.json", SNAPSHOT),
            ("policy.json", POLICY),
            ("context.json", CONTEXT),
        ] {
            let path = files.public.join(name);
            write_atomic(&path, text.as_bytes(), Overwrite::Refuse)?;
        }
        let text = sample_account(shape);
        let path = files.account();
        let private = |path: &Path, bytes: &[u8]| {
            Staged::new(path, bytes, Overwrite::Refuse, Access::Owner)?.commit()
        };
        private(&path, text.as_bytes())?;
        // The same account after a deposit: healthy.
        let mut account: Account = parse_json(&path, text.as_bytes())?;
        account.cash = Money::from_units(account.cash.units().saturating_add(DEPOSIT * ONE));
        account.sequence += 1;
        let (path, account) = (files.healthy(), &account);
        let bytes = Zeroizing::new(files::to_json(account, &path)?);
        private(&path, &bytes)?;
        Ok(files)
    }

    pub(super) fn account(&self) -> PathBuf {
        self.private.join("account.json")
    }

    pub(super) fn healthy(&self) -> PathBuf {
        self.private.join("account-after-deposit.json")
    }

    pub(super) fn market(&self) -> MarketArgs {
        MarketArgs {
            snapshot: self.public.join("snapshot.json"),
            policy: self.public.join("policy.json"),
        }
    }

    pub(super) fn claim_args(&self, shape: Shape, output: &str) -> ClaimArgs {
        ClaimArgs {
            market: self.market(),
            statement: Statement::Liquidation,
            shape,
            context: self.public.join("context.json"),
            keys: KeysArgs {
                folder: self.keys.clone(),
            },
            output: self.public.join(output),
            force: false,
        }
    }
}

/// The sample account of a shape.
fn sample_account(shape: Shape) -> &'static str {
    match shape {
        Shape::Small => include_str!("../../../../samples/account-small.json"),
        _ => include_str!("../../../../samples/account.json"),
    }
}
