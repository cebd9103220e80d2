#![no_main]
fuzz::fuzz!("verify_file");
