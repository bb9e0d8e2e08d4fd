//! A ledger that many ask at once: one thread writes, and what has come while it wrote becomes durable together.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use answerable_care::Instant;
use answerable_care::ledger::story::moment;

use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::writer::{Reading, Request};

/// How many commands become durable together at most.
const TOGETHER_MAX: usize = 256;

/// How many commands wait at most; who comes then waits to be let in.
const WAITING_MAX: usize = 4_096;

/// What reads the clock.
pub type Clock = Box<dyn FnMut() -> Instant + Send>;

/// A ledger with a thread of its own that writes. When the last [`Asks`] is gone it ends.
#[derive(Debug)]
pub struct Service {
    thread: JoinHandle<Ledger>,
}

/// Who asks a [`Service`]; each thread that asks has its own.
#[derive(Clone, Debug)]
pub struct Asks {
    send: SyncSender<Asked>,
    stopped: Arc<OnceLock<Stopped>>,
}

/// That nothing is written any more, since when, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Since when, by the service's clock.
    pub since: Instant,
    /// Why.
    pub why: String,
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "nothing has been written since {} (UTC): {}", moment(self.since), self.why)
    }
}

impl std::error::Error for Stopped {}

#[derive(Debug)]
struct Asked {
    line: String,
    reply: Sender<Result<String, Stopped>>,
}

impl Service {
    /// Starts the thread.
    #[must_use]
    pub fn start(ledger: Ledger, clock: Clock) -> (Service, Asks) {
        let (send, receive) = sync_channel(WAITING_MAX);
        let stopped = Arc::new(OnceLock::new());
        let asks = Asks { send, stopped: Arc::clone(&stopped) };
        (Service { thread: thread::spawn(move || write(ledger, clock, &receive, &stopped)) }, asks)
    }

    /// Waits until nobody asks any more, and gives the ledger back; none if its thread panicked.
    #[must_use]
    pub fn end(self) -> Option<Ledger> {
        self.thread.join().ok()
    }
}

impl Asks {
    /// Has a command done; the answer comes when all that follows from it is durable.
    ///
    /// # Errors
    ///
    /// If nothing is written any more. Whether this command was done isn't known then: asked again, under the same id,
    /// it is answered by whoever writes next.
    pub fn ask(&self, line: String) -> Result<String, Stopped> {
        let (reply, answer) = channel();
        if self.send.send(Asked { line, reply }).is_ok()
            && let Ok(answer) = answer.recv()
        {
            return answer;
        }
        let ended = || Stopped { since: Instant::default(), why: "the writer's thread has ended".to_owned() };
        Err(self.stopped().unwrap_or_else(ended))
    }

    /// Since when nothing has been written, if that is so: for all who read to say.
    #[must_use]
    pub fn stopped(&self) -> Option<Stopped> {
        self.stopped.get().cloned()
    }
}

fn write(mut ledger: Ledger, mut clock: Clock, receive: &Receiver<Asked>, stopped: &OnceLock<Stopped>) -> Ledger {
    while let Ok(first) = receive.recv() {
        let together: Vec<Asked> = std::iter::once(first).chain(receive.try_iter().take(TOGETHER_MAX - 1)).collect();
        let now = clock();
        if let Some(stopped) = stopped.get() {
            reply(together, std::iter::repeat(Err(stopped.clone())));
            continue;
        }
        let reading = Reading::Clock(now);
        let requests: Vec<Request> =
            together.iter().map(|asked| Request { line: asked.line.clone(), reading }).collect();
        match ledger.answer(&requests) {
            Ok(answers) => reply(together, answers.into_iter().map(Ok)),
            Err(error) => {
                let why = stop(stopped, now, &error);
                reply(together, std::iter::repeat(Err(why)));
            }
        }
    }
    ledger
}

/// A write that failed is never tried again: what it has left on the disk isn't known.
fn stop(stopped: &OnceLock<Stopped>, since: Instant, error: &StoreError) -> Stopped {
    stopped.get_or_init(|| Stopped { since, why: error.to_string() }).clone()
}

/// Who doesn't wait for the answer any more does without.
fn reply(asked: Vec<Asked>, answers: impl Iterator<Item = Result<String, Stopped>>) {
    for (asked, answer) in asked.into_iter().zip(answers) {
        let _ = asked.reply.send(answer);
    }
}
