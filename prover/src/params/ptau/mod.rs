//! Importing a binary powers-of-tau file, as snarkjs and circom write them.
//!
//! Of the file only the first `2^(k + 2)` powers in G1 and the first two in G2 are used and checked; the hash covers all of it.
//! The order of checks is: sizes, hash, points, equations.

mod layout;
mod stream;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use halo2curves::bn256::{G1Affine, G2Affine};

use super::consistency::check_srs;
use super::error::{ParamsError, Part, PtauError, SrsError};
use super::points::{Encoding, G1_BYTES, G2_BYTES, g1_points, g2_points};
use super::{PACKED_BITS, Params, ceremony, check_k, power_count};
use layout::Layout;
pub use stream::Progress;
use stream::{Window, hash_and_keep};
use zkmargin_circuits::model::open_regular;
use zkmargin_verifier::srs::Origin;

/// Which powers-of-tau files to accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PtauCheck {
    /// Only files whose Blake2b-512 hash is one of [`ceremony::PUBLISHED`].
    #[default]
    Published,
    /// Any well-formed file. If its hash is not published, nothing says how its `tau` was drawn, and the
    /// [origin](Origin::Ceremony) says `published: false`.
    AllowUnpublished,
}

/// What an accepted file held.
struct Content {
    k: u32,
    powers: Vec<G1Affine>,
    tau_g2: G2Affine,
    origin: Origin,
}

pub(super) fn import(
    path: &Path,
    k: Option<u32>,
    check: PtauCheck,
    progress: &mut dyn FnMut(Progress),
) -> Result<Params, ParamsError> {
    k.map_or(Ok(()), check_k)?;
    let (file, len) = open(path).map_err(|source| ParamsError::Ptau {
        path: path.to_owned(),
        source,
    })?;
    import_sized(path, (file, len), k, check, progress)
}

pub(super) fn import_reader(
    path: &Path,
    mut file: impl Read + Seek,
    k: Option<u32>,
    check: PtauCheck,
) -> Result<Params, ParamsError> {
    k.map_or(Ok(()), check_k)?;
    let len = file
        .seek(SeekFrom::End(0))
        .map_err(|error| ParamsError::Ptau {
            path: path.to_owned(),
            source: error.into(),
        })?;
    import_sized(path, (file, len), k, check, &mut |_| {})
}

/// Imports a file of `len` bytes; `k` has been checked.
fn import_sized<R: Read + Seek>(
    path: &Path,
    (mut file, len): (R, u64),
    k: Option<u32>,
    check: PtauCheck,
    progress: &mut dyn FnMut(Progress),
) -> Result<Params, ParamsError> {
    let refuse = |source| ParamsError::Ptau {
        path: path.to_owned(),
        source,
    };
    let layout = Layout::scan(&mut file, len).map_err(refuse)?;
    let k = k.unwrap_or(layout.power.saturating_sub(PACKED_BITS));
    check_k(k)?;
    let Content {
        k,
        powers,
        tau_g2,
        origin,
    } = load(&mut file, len, &layout, k, check, progress).map_err(refuse)?;
    Ok(Params::assemble(k, powers, None, tau_g2, origin))
}

fn open(path: &Path) -> Result<(File, u64), PtauError> {
    open_regular(path)?.ok_or(PtauError::NotAFile)
}

fn load<R: Read + Seek>(
    file: &mut R,
    len: u64,
    layout: &Layout,
    k: u32,
    check: PtauCheck,
    progress: &mut dyn FnMut(Progress),
) -> Result<Content, PtauError> {
    let power = layout.power;
    if k + PACKED_BITS > power {
        let needed = k + PACKED_BITS;
        return Err(PtauError::KAbovePower { k, needed, power });
    }
    // The sections are as long as `power` asks, within the file, and these are not longer.
    let powers = Window {
        offset: layout.tau_g1,
        len: G1_BYTES * power_count(k),
    };
    let g2 = Window {
        offset: layout.tau_g2,
        len: 2 * G2_BYTES,
    };
    let mut windows = vec![powers, g2];
    windows.extend(layout.seen.iter().map(|(window, _)| *window));

    let (hash, kept) = hash_and_keep(file, len, &windows, progress)?;
    let [powers, g2, seen @ ..] = kept.as_slice() else {
        return Err(PtauError::ChangedWhileReading);
    };
    if !seen.iter().eq(layout.seen.iter().map(|(_, bytes)| bytes)) {
        return Err(PtauError::ChangedWhileReading);
    }
    let origin = Origin::ceremony(power, &hash);
    if check == PtauCheck::Published && !origin.is_published() {
        return Err(PtauError::Unpublished {
            power,
            blake2b: hex::encode(hash),
        });
    }

    let powers = g1_points(powers, Part::G1Powers, Encoding::Montgomery)?;
    let g2 = g2_points(g2, Encoding::Montgomery)?;
    let [generator, tau_g2] = g2[..] else {
        return Err(SrsError::TooFewPowers { count: g2.len() }.into());
    };
    check_srs(&powers, &[generator, tau_g2])?;
    hold_to_ceremony(&origin, &tau_g2)?;
    Ok(Content {
        k,
        powers,
        tau_g2,
        origin,
    })
}

/// A published hash comes with the ceremony's `tau G2`.
fn hold_to_ceremony(origin: &Origin, tau_g2: &G2Affine) -> Result<(), PtauError> {
    if origin.is_published() && !ceremony::is_tau_g2(tau_g2) {
        return Err(PtauError::NotTheCeremony);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No file can show this while the pinned tables agree: it would be a second file of a published hash.
    #[test]
    fn a_published_hash_over_another_tau_is_refused() {
        let file = ceremony::PUBLISHED[0];
        let hash: [u8; 64] = hex::decode(file.blake2b).unwrap().try_into().unwrap();
        let other = G2Affine::generator();
        let refused = hold_to_ceremony(&Origin::ceremony(file.power, &hash), &other);
        assert!(matches!(refused, Err(PtauError::NotTheCeremony)));
        let unpublished = Origin::ceremony(file.power, &[7; 64]);
        assert!(hold_to_ceremony(&unpublished, &other).is_ok());
    }
}
