#![no_main]
fuzz::fuzz!("verifying_key");
