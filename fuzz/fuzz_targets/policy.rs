#![no_main]
fuzz::fuzz!("policy");
