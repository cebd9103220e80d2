#![no_main]
fuzz::fuzz!("text");
