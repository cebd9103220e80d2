//! The one line that a fuzz target is. What it checks is in `zkmargin-fuzz-targets`.

use rayon::ThreadPoolBuilder;

pub use libfuzzer_sys;
pub use zkmargin_fuzz_targets::{Target, target};

/// Prepares a target for inputs.
///
/// All work is done on libFuzzer's own thread: targets run side by side on few cores, and a second thread would only
/// add switches.
///
/// # Panics
/// If the pool has been built before.
pub fn prepare(target: &Target) {
    let pool = ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    pool.build_global().expect("the first pool");
    (target.prepare)();
}

/// Runs the listed target of this name under libFuzzer.
#[macro_export]
macro_rules! fuzz {
    ($name:literal) => {
        use std::sync::LazyLock;

        static TARGET: LazyLock<$crate::Target> = LazyLock::new(|| $crate::target($name));

        $crate::libfuzzer_sys::fuzz_target!(
            init: $crate::prepare(&TARGET),
            |input: &[u8]| (TARGET.run)(input)
        );
    };
}
