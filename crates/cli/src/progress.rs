//! How far reading has come, on a terminal: bytes, rate, time left.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use answerable_check::Meter;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Often enough to look alive.
const EVERY: Duration = Duration::from_millis(100);

/// A bar on standard error, if that is a terminal; it goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows how far `meter` has come.
    pub(crate) fn show(meter: &Arc<Meter>) -> Progress {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if bar.is_hidden() {
            return Progress::none();
        }
        let (meter, (stop, stopped)) = (Arc::clone(meter), channel::<()>());
        let thread = std::thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                step(&bar, &meter);
            }
            bar.finish_and_clear();
        });
        Progress { stop: Some(stop), thread: Some(thread) }
    }

    /// Shows nothing.
    pub(crate) fn none() -> Progress {
        Progress { stop: None, thread: None }
    }
}

fn step(bar: &ProgressBar, meter: &Meter) {
    let (read, total) = (meter.bytes_read(), meter.bytes_total());
    let template = if meter.is_done() {
        "{spinner} judging  {elapsed}"
    } else if read > total {
        // From a pipe, whose length nobody knows.
        "{spinner} reading  {binary_bytes}  {binary_bytes_per_sec}"
    } else {
        "{spinner} reading  {wide_bar}  {binary_bytes} of {binary_total_bytes}  {binary_bytes_per_sec}  {eta} left"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_length(total.max(read));
    bar.set_position(read);
    bar.tick();
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
