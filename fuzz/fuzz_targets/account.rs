#![no_main]
fuzz::fuzz!("account");
