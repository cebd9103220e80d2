#![no_main]
fuzz::fuzz!("proof_file");
