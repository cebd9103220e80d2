#![no_main]
fuzz::fuzz!("proving_key");
