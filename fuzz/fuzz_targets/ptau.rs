#![no_main]
fuzz::fuzz!("ptau");
