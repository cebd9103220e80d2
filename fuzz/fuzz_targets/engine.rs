#![no_main]
fuzz::fuzz!("engine");
