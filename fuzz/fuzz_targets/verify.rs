#![no_main]
fuzz::fuzz!("verify");
