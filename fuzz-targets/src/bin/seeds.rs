//! Writes the seeds into the corpus folders: `cargo run --release -p zkmargin-fuzz-targets --bin fuzz-seeds`.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for seed in zkmargin_fuzz_targets::seeds::seeds() {
        let folder = corpora.join(seed.target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(seed.name), seed.bytes)?;
    }
    Ok(())
}
