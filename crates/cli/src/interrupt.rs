//! Ctrl-C, and a polite request to end: what is half done is removed before the process goes.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use answerable_check::{Meter, Store};

/// What a shell says of a process that Ctrl-C ended: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// What has to be removed.
#[derive(Debug, Default)]
struct Half {
    store: Option<Store>,
    files: Vec<PathBuf>,
}

static HALF: Mutex<Half> = Mutex::new(Half { store: None, files: Vec::new() });

fn half() -> MutexGuard<'static, Half> {
    HALF.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on an interruption removes what is half done, and ends the process.
pub(crate) fn handle(meter: &Arc<Meter>) {
    let meter = Arc::clone(meter);
    // That it can't be handled is no reason not to run: then the system ends the process as ever.
    let _ = ctrlc::set_handler(move || {
        meter.cancel();
        // Never given back: nobody makes a file that would stay. A worker that waits for a pipe wouldn't notice that
        // it was cancelled, so the process ends here.
        let half = half();
        if let Some(store) = &half.store {
            store.remove();
        }
        for file in &half.files {
            let _ = std::fs::remove_file(file);
        }
        eprintln!("stopped; nothing was written");
        std::process::exit(INTERRUPTED);
    });
}

/// Temporary files of this store go with an interruption.
pub(crate) fn remove_store(store: &Store) {
    half().store = Some(store.clone());
}

/// The run is over: its temporary files go when nothing needs the store any more, and this doesn't.
pub(crate) fn forget_store() {
    let store = half().store.take();
    drop(store);
}

/// Makes a file that goes with an interruption, until it is [`forget`]-ed.
pub(crate) fn remove_file<T>(make: impl FnOnce() -> std::io::Result<(PathBuf, T)>) -> std::io::Result<T> {
    let mut half = half();
    let (path, made) = make()?;
    half.files.push(path);
    Ok(made)
}

/// A file is in its place, or gone.
pub(crate) fn forget(path: &std::path::Path) {
    half().files.retain(|known| known != path);
}
