#![no_main]
fuzz::fuzz!("context");
