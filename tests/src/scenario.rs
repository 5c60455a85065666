//! One run of one scenario, with its record in `tests/screenshots/<scenario>`: a screenshot of each
//! step and the log of each program.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Opens the [`Scenario`] of the enclosing test function.
#[macro_export]
macro_rules! scenario {
    () => {{
        fn here() {}
        $crate::scenario::Scenario::of_function(std::any::type_name_of_val(&here))
    }};
}

/// A running scenario. Its clones refer to the same scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    folder: PathBuf,
    steps: Arc<AtomicUsize>,
}

impl Scenario {
    /// Opens the scenario of the test whose inner function has this full path; [`scenario!`] calls
    /// it.
    pub fn of_function(inner: &str) -> Self {
        let name = inner
            .split("::")
            .filter(|part| !part.starts_with('{') && *part != "here")
            .last()
            .expect("a path has a last part");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots").join(name);
        // Files of the last run must not be mistaken for this one's.
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the last run's screenshots can be removed");
        }
        fs::create_dir_all(&folder).expect("the screenshots' folder can be made");
        Self { folder, steps: Arc::default() }
    }

    /// The name of the test.
    pub fn name(&self) -> &str {
        self.folder.file_name().and_then(|name| name.to_str()).expect("a folder has a name")
    }

    /// The path of this program's log.
    pub fn log(&self, program: &str) -> PathBuf {
        let path = self.folder.join(format!("{program}.log"));
        assert!(!path.exists(), "{program} is started twice in one scenario: use different names");
        path
    }

    /// Writes a numbered screenshot of the next step.
    pub(crate) fn keep_screenshot(&self, what: &str, png: &[u8]) {
        let step = self.steps.fetch_add(1, Ordering::Relaxed) + 1;
        let what: String = what
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
            .collect();
        let file = self.folder.join(format!("{step:02}-{}.png", what.trim_matches('-')));
        fs::write(file, png).expect("a screenshot can be written");
    }
}
