//! What is read is what stands there, whatever the blocks, the threads and the compression.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it unwraps")]

use super::block::{SIZES, Sizes};
use super::scan::scan_sized;
use super::*;
use std::fs;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::symlink;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// Blocks of a few bytes, so that short texts have many.
const TINY: Sizes = Sizes { block: 16, head: 4, overhang: 3, line_max: 60, document_max: 400 };

/// Keeps what it is given.
#[derive(Default)]
struct Kept(Vec<(Place, &'static str, String)>);

impl Sink for Kept {
    fn line(&mut self, place: Place, text: &[u8]) {
        self.0.push((place, "line", String::from_utf8_lossy(text).into_owned()));
    }
    fn document(&mut self, place: Place, text: &[u8]) {
        self.0.push((place, "document", String::from_utf8_lossy(text).into_owned()));
    }
}

/// Enough of JSON for these texts: brackets that match, outside strings, around everything.
fn is_json(text: &[u8]) -> bool {
    let (mut open, mut in_string, mut ended) = (Vec::new(), false, false);
    for &byte in text.trim_ascii() {
        match byte {
            b'"' => in_string = !in_string,
            _ if in_string => {}
            _ if ended => return false,
            b'{' | b'[' => open.push(byte + 2),
            b'}' | b']' if open.pop() != Some(byte) => return false,
            _ => {}
        }
        ended = open.is_empty();
    }
    ended && !in_string
}

/// What was read, in order: file, line, kind, text. And the problems, without their folder.
#[derive(Debug, Default, PartialEq)]
struct Read {
    found: Vec<(u32, u64, &'static str, String)>,
    problems: Vec<String>,
    passed_over: u64,
}

impl Read {
    fn texts(&self) -> Vec<&str> {
        self.found.iter().map(|(_, _, _, text)| text.as_str()).collect()
    }
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Input {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        Input::parse(path.as_os_str())
    }

    fn input(&self) -> Input {
        Input::parse(self.path().as_os_str())
    }

    fn list(&self) -> Vec<String> {
        let listing = list(&[self.input()]);
        assert_eq!(listing.problems, []);
        listing.files.iter().map(|file| self.shown(&file.shown())).collect()
    }

    fn shown(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.path().display()), "")
    }

    fn read_sized(&self, inputs: &[Input], threads: usize, sizes: Sizes) -> Read {
        self.read_listing(&list(inputs), threads, sizes)
    }

    fn read_listing(&self, listing: &Listing, threads: usize, sizes: Sizes) -> Read {
        let meter = Meter::default();
        let (sinks, scanned) = scan_sized(listing, threads, |_| Kept::default(), is_json, &meter, sizes).unwrap();
        let mut found: Vec<_> = sinks.into_iter().flat_map(|sink| sink.0).collect();
        found.sort();
        assert!(meter.is_done() && meter.bytes_read() == scanned.bytes);
        let problems = listing.problems.iter().chain(&scanned.problems);
        Read {
            problems: problems.map(|problem| self.shown(&problem.to_string())).collect(),
            passed_over: scanned.passed_over,
            found: found
                .into_iter()
                .map(|(place, kind, text)| (place.file, scanned.line_number(place), kind, text))
                .collect(),
        }
    }

    fn read(&self, inputs: &[Input]) -> Read {
        self.read_sized(inputs, 2, SIZES)
    }

    /// Reads one file that the user named.
    fn read_one(&self, content: impl AsRef<[u8]>) -> Read {
        let input = self.write("file", content);
        self.read(&[input])
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

#[test]
fn arguments() {
    let named = |name: &str, path: &str| Input { source: Some(name.into()), path: InputPath::Path(path.into()) };
    let plain = |path: &str| Input { source: None, path: InputPath::Path(path.into()) };
    for (argument, expected) in [
        ("a.ndjson", plain("a.ndjson")),
        ("gp=a.ndjson", named("gp", "a.ndjson")),
        ("GP_1-b=x/y=z", named("GP_1-b", "x/y=z")),
        ("./a=b", plain("./a=b")),
        ("a b=c", plain("a b=c")),
        ("=c", plain("=c")),
        ("é=c", plain("é=c")),
        ("gp=", named("gp", "")),
        ("-", Input { source: None, path: InputPath::StandardInput }),
        ("gp=-", Input { source: Some("gp".into()), path: InputPath::StandardInput }),
    ] {
        assert_eq!(Input::parse(OsStr::new(argument)), expected, "{argument}");
    }
    let not_utf8 = OsString::from_vec(b"gp=\xff.json".to_vec());
    assert_eq!(Input::parse(&not_utf8).path, InputPath::Path(OsString::from_vec(b"\xff.json".to_vec()).into()));
}

#[test]
fn sources_are_numbered_as_they_are_named() {
    let folder = Folder::new();
    folder.write("a", "{}");
    let argument = |name: &str| Input::parse(OsStr::new(&format!("{name}{}", folder.path().join("a").display())));
    let listing = list(&[argument("gp="), argument(""), argument("gp="), argument("ward="), argument("")]);
    assert_eq!(listing.sources, [Some("gp".into()), None, Some("ward".into())]);
    assert_eq!(listing.files.iter().map(|file| file.source).collect::<Vec<_>>(), [0, 1, 0, 2, 1]);
}

#[test]
fn folders_are_walked_by_path_as_bytes_without_what_begins_with_a_dot() {
    let folder = Folder::new();
    for name in ["b/1", "b.x", "b0", "a/z/1", "B", ".hidden", ".git/x", "a/.x", "é", "a/1.json.gz"] {
        folder.write(name, "{}");
    }
    assert_eq!(folder.list(), ["B", "a/1.json.gz", "a/z/1", "b.x", "b/1", "b0", "é"]);
    let hidden = Input::parse(folder.path().join(".git").as_os_str());
    assert_eq!(list(&[hidden]).files.len(), 1, "what the user names may begin with a dot");
}

#[test]
fn folders_that_hold_themselves_are_read_once() {
    let folder = Folder::new();
    folder.write("a/b/file", "{}");
    symlink(folder.path(), folder.path().join("a/b/top")).unwrap();
    symlink("..", folder.path().join("a/b/up")).unwrap();
    symlink("b", folder.path().join("a/again")).unwrap();
    assert_eq!(folder.list(), ["a/again/file", "a/b/file"], "a link to what isn't above it is read");
    assert_eq!(list(&[folder.input()]).circles, 4);
}

#[test]
fn what_cannot_be_listed_is_a_problem_and_the_rest_is_read() {
    let folder = Folder::new();
    folder.write("good", "{}");
    symlink("nowhere", folder.path().join("dangling")).unwrap();
    symlink("itself", folder.path().join("itself")).unwrap();
    let missing = Input::parse(folder.path().join("missing").as_os_str());
    let stdin = Input::parse(OsStr::new("-"));
    let nothing = Input::parse(OsStr::new("gp="));
    let mut listing = list(&[missing, nothing, folder.input(), stdin.clone(), stdin]);
    assert_eq!(
        listing.problems.iter().map(|problem| folder.shown(&problem.to_string())).collect::<Vec<_>>(),
        [
            "`missing` is not there; check the path",
            "`gp=` has no path; write NAME=PATH",
            "`dangling` is not there; check the path",
            "`itself` can't be read: too many levels of symbolic links (os error 40); check it and run again",
            "`standard input` can be read once; name `-` once",
        ]
    );
    listing.files.pop();
    assert_eq!(folder.read_listing(&listing, 1, SIZES).texts(), ["{}"]);
}

#[test]
fn names_that_are_not_utf8_are_read() {
    let folder = Folder::new();
    folder.write(OsStr::from_bytes(b"\xff.json"), "nothing");
    folder.write(OsStr::from_bytes(b"\xfe.json"), "{}");
    let input = Input::parse(folder.path().join(OsStr::from_bytes(b"\xff.json")).as_os_str());
    let read = folder.read(&[folder.input(), input]);
    assert_eq!(read.texts(), ["{}"]);
    assert!(read.problems.concat().starts_with("`\u{fffd}.json` isn't JSON"), "{:?}", read.problems);
}

/// Line, kind, text.
type Line = (u64, &'static str, &'static str);

#[test]
fn formats_are_told_from_content() {
    let folder = Folder::new();
    let is_utf16 = "`file` is UTF-16; convert it to UTF-8";
    let not_json =
        "`file` isn't JSON: neither its first nor its second line begins with `{` or `[`; name files of FHIR resources";
    let cases: Vec<(&[u8], &[Line], &str)> = vec![
        (b"", &[], ""),
        (b" \r\n\t\n\xef\xbb\xbf", &[], not_json),
        (b"\xef\xbb\xbf \r\n", &[], ""),
        (b"{}", &[(1, "line", "{}")], ""),
        (b"\xef\xbb\xbf{}\n[1]", &[(1, "line", "{}"), (2, "line", "[1]")], ""),
        (b"\n {} \r\n\r\nx\n", &[(2, "line", "{}"), (4, "line", "x")], ""),
        (b"{\n\"a\": 1}\n", &[(1, "document", "{\n\"a\": 1}\n")], ""),
        (b"\xef\xbb\xbf[\n{}]", &[(1, "document", "[\n{}]")], ""),
        // One value, though its second line is one too.
        (b"[\n{}\n]", &[(1, "document", "[\n{}\n]")], ""),
        (b"[\n{}\n,{}\n]", &[(1, "document", "[\n{}\n,{}\n]")], ""),
        (b"{\"a\":\n{}\n}", &[(1, "document", "{\"a\":\n{}\n}")], ""),
        // Torn first lines, those too that end by chance as a document might.
        (b"{\"a\"\n{}\n", &[(1, "line", "{\"a\""), (2, "line", "{}")], ""),
        (b"{\"a\":\n{}\n", &[(1, "line", "{\"a\":"), (2, "line", "{}")], ""),
        (b"{\"a\":[\n{}\n{}", &[(1, "line", "{\"a\":["), (2, "line", "{}"), (3, "line", "{}")], ""),
        (b"[\n{}\n,", &[(1, "line", "["), (2, "line", "{}"), (3, "line", ",")], ""),
        (b"nonsense\n{}\n", &[(1, "line", "nonsense"), (2, "line", "{}")], ""),
        // Meant to be a document, and malformed.
        (b"\n{\"a\"\n", &[(2, "line", "{\"a\"")], ""),
        (b"nonsense\n{\n", &[(1, "document", "nonsense\n{\n")], ""),
        (b"{\n[\n", &[(1, "document", "{\n[\n")], ""),
        (b"nonsense", &[], not_json),
        (b"a,b\n1,2\n{}\n", &[], not_json),
        (b"\"text\"\n1", &[], not_json),
        (b"PK\x03\x04\n{}", &[(1, "line", "PK\u{3}\u{4}"), (2, "line", "{}")], ""),
        (b"PK\x03\x04", &[], "`file` is a zip archive; unpack it first"),
        (b"\xff\xfe{\0}\0", &[], is_utf16),
        (b" \0[\0]\0", &[], is_utf16),
        (b"\0{\0}", &[], is_utf16),
        (b"h\0i\0", &[], not_json),
        // A NUL is malformed where it stands, and no sign of UTF-16.
        (b"\0{}\n{}\n", &[(1, "line", "\0{}"), (2, "line", "{}")], ""),
        (b"{}\n\xff\n", &[(1, "line", "{}"), (2, "line", "\u{fffd}")], ""),
    ];
    for (content, expected, problem) in cases {
        for sizes in [SIZES, TINY] {
            for content in [content.to_vec(), gzip(content), zstd(content)] {
                let input = folder.write("file", &content);
                let read = folder.read_sized(&[input], 2, sizes);
                let found: Vec<_> =
                    read.found.iter().map(|(_, line, kind, text)| (*line, *kind, text.as_str())).collect();
                assert_eq!(found, expected, "{}", String::from_utf8_lossy(&content));
                assert_eq!(read.problems.concat(), problem, "{}", String::from_utf8_lossy(&content));
            }
        }
    }
}

#[test]
fn folders_pass_over_what_is_not_json_and_say_how_much() {
    let folder = Folder::new();
    folder.write("a.txt", "nothing\nat all");
    folder.write("b.txt", "nothing\n{}");
    folder.write("c.gz", gzip(&b"nothing\n".repeat(20)));
    folder.write("d", "");
    folder.write("e", "\u{feff}hello".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>());
    folder.write("f", "\u{feff}{}".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>());
    for sizes in [SIZES, TINY] {
        let read = folder.read_sized(&[folder.input()], 2, sizes);
        assert_eq!(read.texts(), ["nothing", "{}"]);
        assert_eq!((read.passed_over, read.problems), (3, vec!["`f` is UTF-16; convert it to UTF-8".into()]));
    }
}

/// Lines as anyone would cut them.
fn naive(content: &[u8]) -> Vec<(u32, u64, &'static str, String)> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let lines = content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).zip(1..);
    lines
        .filter(|(line, _)| !line.is_empty())
        .map(|(line, number)| (0, number, "line", String::from_utf8_lossy(line).into_owned()))
        .collect()
}

#[test]
fn no_line_is_lost_or_read_twice_wherever_blocks_end() {
    let folder = Folder::new();
    let mut random = Random(1);
    for round in 0..400 {
        let mut content = if round % 5 == 0 { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        content.extend(b"{}\n");
        for _ in 0..random.below(40) {
            // Short lines, empty ones, and some of several blocks.
            let long = if random.below(8) == 0 { 50 } else { 6 };
            content.extend((0..random.below(long)).map(|at| b'a' + (at % 26) as u8));
            content.extend([&b"\n"[..], b"\r\n", b" \n\n", b"\n\r\n"][random.below(4) as usize]);
        }
        if round % 3 == 0 {
            content.extend(b"last");
        }
        let sizes = Sizes {
            block: 1 + random.below(40) as usize,
            head: 1 + random.below(10) as usize,
            overhang: random.below(9) as usize,
            ..TINY
        };
        for form in [content.clone(), gzip(&content), zstd(&content)] {
            let input = folder.write("file", &form);
            let read = folder.read_sized(&[input], 1 + round % 3, sizes);
            assert_eq!(read.found, naive(&content), "{sizes:?} {:?}", String::from_utf8_lossy(&content));
            assert_eq!(read.problems, Vec::<String>::new());
        }
    }
}

#[test]
fn lines_that_are_too_long_are_said_and_left_out() {
    let folder = Folder::new();
    for length in [60 + 1, 64, 100, 500] {
        let long = "x".repeat(length);
        for (content, line, left) in [
            (format!("{{}}\na\n{long}\nb\n\nc"), 3, vec![(1, "{}"), (2, "a"), (4, "b"), (6, "c")]),
            (format!("{{}}\n{long}"), 2, vec![(1, "{}")]),
            (format!("{{{long}}}\n{{}}\nb"), 1, vec![(2, "{}"), (3, "b")]),
        ] {
            for form in [content.as_bytes().to_vec(), gzip(content.as_bytes())] {
                let input = folder.write("file", &form);
                let read = folder.read_sized(&[input], 2, TINY);
                let found: Vec<_> = read.found.iter().map(|(_, line, _, text)| (*line, text.as_str())).collect();
                assert_eq!(found, left, "{content}");
                let said = format!("`file` line {line}: is longer than 60 bytes and was left out");
                assert_eq!(read.problems, [said], "{content}");
            }
        }
    }
    let document = format!("{{\n{}\n}}", "\"x\"\n".repeat(100));
    for form in [document.as_bytes().to_vec(), gzip(document.as_bytes())] {
        let input = folder.write("file", &form);
        let read = folder.read_sized(&[input], 2, TINY);
        assert_eq!((read.texts().len(), read.problems.len()), (0, 1));
    }
}

#[test]
fn a_line_of_200_megabytes_is_read() {
    let folder = Folder::new();
    let mut content = b"{}\n{\"".to_vec();
    content.resize(200 << 20, b'x');
    content.extend(b"\"}\n{}\n");
    struct Lengths(Vec<(Place, usize)>);
    impl Sink for Lengths {
        fn line(&mut self, place: Place, text: &[u8]) {
            self.0.push((place, text.len()));
        }
        fn document(&mut self, _: Place, _: &[u8]) {}
    }
    let listing = list(&[folder.write("a", &content), folder.write("b", zstd(&content))]);
    let (sinks, scanned) = scan(&listing, 2, |_| Lengths(Vec::new()), is_json, &Meter::default()).unwrap();
    let mut found: Vec<_> = sinks.into_iter().flat_map(|sink| sink.0).collect();
    found.sort();
    let found: Vec<_> = found.iter().map(|(place, length)| (scanned.line_number(*place), *length)).collect();
    let expected = [(1, 2), (2, (200 << 20) - 1), (3, 2)];
    assert_eq!(found, [expected, expected].concat());
}

#[test]
fn compressed_files_may_have_several_members_and_frames() {
    let folder = Folder::new();
    let skippable = [&[0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    for content in [
        [gzip(b"{}\n"), gzip(b""), gzip(b"{1}\n{"), gzip(b"2}")].concat(),
        [zstd(b"{}\n{"), zstd(b""), zstd(b"1}\n{2}")].concat(),
        [skippable.clone(), zstd(b"{}\n"), skippable, zstd(b"{1}\n{2}")].concat(),
    ] {
        let read = folder.read_one(content);
        assert_eq!(read.texts(), ["{}", "{1}", "{2}"]);
        assert_eq!(read.problems, [""; 0]);
    }
}

#[test]
fn damaged_files_give_what_stands_before_the_damage() {
    let folder = Folder::new();
    let mut random = Random(7);
    let content: String = (0..20_000).map(|n| format!("{{\"n\": {n}, \"r\": {}}}\n", random.below(1 << 30))).collect();
    let lines: Vec<&str> = content.lines().collect();
    for (name, whole) in [("gzip", gzip(content.as_bytes())), ("zstd", zstd(content.as_bytes()))] {
        let cut = &whole[..whole.len() / 2];
        let read = folder.read_one(cut);
        let what =
            format!("`file` is {name} that was cut off; what is there was read; get the whole file and run again");
        assert_eq!(read.problems, [what]);
        let (last, before) = read.found.split_last().unwrap();
        assert!(before.len() > 1000 && before.iter().map(|line| &line.3).eq(&lines[..before.len()]), "{name}");
        assert!(lines[before.len()].starts_with(&last.3), "the torn line is given");

        let mut damaged = whole.clone();
        damaged[whole.len() / 2..][..64].fill(0xff);
        let read = folder.read_one(damaged);
        assert!(read.problems.concat().starts_with(&format!("`file` is damaged {name} (")), "{:?}", read.problems);
        let head = folder.read_one(&whole[..5]);
        assert_eq!((head.found.len(), head.problems.len()), (0, 1), "{name}");
    }
}

#[test]
fn pipes_are_read() {
    let folder = Folder::new();
    let content = "{}\n".repeat(50_000);
    for form in [content.as_bytes().to_vec(), gzip(content.as_bytes())] {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let input = Input::parse(OsStr::new(&format!("/dev/fd/{}", reader.as_raw_fd())));
        let read = std::thread::scope(|scope| {
            scope.spawn(move || writer.write_all(&form).unwrap());
            folder.read(&[input])
        });
        assert_eq!((read.found.len(), read.found.last().unwrap().1), (50_000, 50_000));
    }
}

#[test]
fn a_file_that_became_shorter_is_said_once() {
    let folder = Folder::new();
    let lines = "{}\n".repeat(100);
    for (content, left, found) in [(&lines[..], 60, 20), (&lines, 3, 1), ("[\n\n]", 2, 1), ("{}\n", 0, 0)] {
        let listing = list(&[folder.write("file", content)]);
        folder.write("file", &content[..left]);
        let read = folder.read_listing(&listing, 2, TINY);
        assert_eq!(read.found.len(), found, "{content}");
        let what = "`file` became shorter while it was read; run again when nothing writes to it";
        assert_eq!(read.problems, [what], "{content}");
    }
    // Shorter than it was when it was opened: as a worker meets it that reads a later block.
    folder.write("file", "{}\n".repeat(10));
    let file = fs::File::open(folder.path().join("file")).unwrap();
    let split = super::block::Split { index: 0, file, size: 60, was_cut: Default::default() };
    for (number, lines, was_cut) in [(0, 0..18, false), (1, 2..14, true), (2, 0..0, true), (3, 0..0, true)] {
        let block = split.read(number, &TINY, &mut Default::default());
        assert_eq!((block.lines, block.was_cut), (lines, was_cut), "block {number}");
    }
}

#[test]
fn one_compressed_file_keeps_two_threads_busy() {
    let folder = Folder::new();
    let listing = list(&[folder.write("file", gzip("{}\n".repeat(2_000_000).as_bytes()))]);
    /// Waits at its first line until another sink has one too.
    struct Waits<'a>(&'a (Mutex<usize>, Condvar), bool);
    impl Sink for Waits<'_> {
        fn line(&mut self, _: Place, _: &[u8]) {
            if !std::mem::replace(&mut self.1, true) {
                let (count, wake) = self.0;
                *count.lock().unwrap() += 1;
                wake.notify_all();
                let met = wake.wait_timeout_while(count.lock().unwrap(), Duration::from_secs(20), |count| *count < 2);
                assert!(!met.unwrap().1.timed_out(), "the other thread does nothing");
            }
        }
        fn document(&mut self, _: Place, _: &[u8]) {}
    }
    let met = (Mutex::new(0), Condvar::new());
    scan(&listing, 2, |_| Waits(&met, false), is_json, &Meter::default()).unwrap();
}

#[test]
fn a_panic_in_a_sink_reaches_the_caller_and_hangs_nobody() {
    struct Panics(usize);
    impl Sink for Panics {
        fn line(&mut self, place: Place, _: &[u8]) {
            assert!(place.block < 3 || self.0 != 0, "as the test wants");
        }
        fn document(&mut self, _: Place, _: &[u8]) {}
    }
    let folder = Folder::new();
    let content = "{}\n".repeat(10_000);
    for form in [content.as_bytes().to_vec(), gzip(content.as_bytes()), zstd(content.as_bytes())] {
        let listing = list(&[folder.write("a", &form), folder.write("b", &form)]);
        let panicked = (0..20).any(|_| {
            let meter = Meter::default();
            let run = || scan_sized(&listing, 2, Panics, is_json, &meter, TINY).map(|_| ());
            catch_unwind(AssertUnwindSafe(run)).is_err()
        });
        assert!(panicked);
    }
}

#[test]
fn cancelling_stops_after_the_block() {
    struct Cancels<'a>(&'a Meter, &'a AtomicUsize);
    impl Sink for Cancels<'_> {
        fn line(&mut self, _: Place, _: &[u8]) {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.cancel();
        }
        fn document(&mut self, _: Place, _: &[u8]) {}
    }
    let folder = Folder::new();
    let content = "{}\n".repeat(10_000);
    for form in [content.as_bytes().to_vec(), gzip(content.as_bytes())] {
        let (meter, lines) = (Meter::default(), AtomicUsize::new(0));
        let listing = list(&[folder.write("a", &form)]);
        scan_sized(&listing, 2, |_| Cancels(&meter, &lines), is_json, &meter, TINY).unwrap();
        assert!(meter.is_cancelled() && lines.load(Ordering::Relaxed) < 100, "{lines:?}");
    }
}

#[test]
fn many_small_files_are_each_read_once() {
    let folder = Folder::new();
    for n in 0..300 {
        let text = if n % 2 == 0 { format!("{{\n{n}}}") } else { format!("{{{n}}}\n") };
        let compressed = if n % 3 == 0 { gzip(text.as_bytes()) } else { text.into() };
        folder.write(format!("{n:03}"), compressed);
    }
    let read = folder.read_sized(&[folder.input()], 4, SIZES);
    let texts: Vec<String> =
        (0..300).map(|n| if n % 2 == 0 { format!("{{\n{n}}}") } else { format!("{{{n}}}") }).collect();
    assert_eq!(read.texts(), texts);
    assert_eq!(read.passed_over, 0);
}
