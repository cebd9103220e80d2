#![no_main]
fuzz::fuzz!("params");
