//! A plot of lines through points from the origin on, as SVG.

use std::fmt;

/// Lines of points, on axes that begin at zero, so that what is linear looks it.
#[derive(Debug)]
pub(super) struct Plot {
    pub(super) title: String,
    pub(super) across: String,
    pub(super) up: String,
    pub(super) lines: Vec<Line>,
}

#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 110.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 52.0;

/// Lines differ in colour, in dashes and in marks, for who doesn't see colours.
const STROKES: [(&str, &str); 3] = [("#005eb8", ""), ("#7c2855", "7 4"), ("#00703c", "2 3")];

impl fmt::Display for Plot {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let step_x = step(points().map(|point| point.0).fold(0.0, f64::max));
        let step_y = step(points().map(|point| point.1).fold(0.0, f64::max));
        let (most_x, most_y) = (5.0 * step_x, 5.0 * step_y);
        let x = |value: f64| LEFT + value / most_x * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - value / most_y * (HEIGHT - TOP - BOTTOM);
        write!(to, r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img""#)?;
        writeln!(to, r#" font-family="sans-serif" font-size="13">"#)?;
        writeln!(to, "<title>{}</title>", self.title)?;
        writeln!(to, r##"<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>"##)?;
        writeln!(to, r##"<text x="{LEFT}" y="24" font-size="15" fill="#212b32">{}</text>"##, self.title)?;
        for tick in 0..=5 {
            let (across, up) = (f64::from(tick) * step_x, f64::from(tick) * step_y);
            let (x, y) = (x(across), y(up));
            let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
            writeln!(to, r##"<path d="M{LEFT} {y:.1}H{right}M{x:.1} {TOP}V{bottom}" stroke="#d8dde0"/>"##)?;
            let (below, beside, middle) = (bottom + 18.0, LEFT - 8.0, y + 4.0);
            writeln!(
                to,
                r##"<text x="{x:.1}" y="{below}" text-anchor="middle" fill="#4c6272">{}</text>"##,
                short(across)
            )?;
            writeln!(
                to,
                r##"<text x="{beside}" y="{middle:.1}" text-anchor="end" fill="#4c6272">{}</text>"##,
                short(up)
            )?;
        }
        let (centre, foot) = ((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12.0);
        writeln!(to, r##"<text x="{centre}" y="{foot}" text-anchor="middle" fill="#212b32">{}</text>"##, self.across)?;
        writeln!(
            to,
            r##"<text transform="translate(18 {}) rotate(-90)" text-anchor="middle" fill="#212b32">{}</text>"##,
            (TOP + HEIGHT - BOTTOM) / 2.0,
            self.up
        )?;
        for (line, (colour, dashes)) in self.lines.iter().zip(STROKES.iter().cycle()) {
            let path: Vec<String> =
                line.points.iter().map(|point| format!("{:.1} {:.1}", x(point.0), y(point.1))).collect();
            writeln!(
                to,
                r#"<path d="M{}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>"#,
                path.join("L")
            )?;
            for point in &line.points {
                writeln!(to, r#"<circle cx="{:.1}" cy="{:.1}" r="4" fill="{colour}"/>"#, x(point.0), y(point.1))?;
            }
            if let Some(last) = line.points.last() {
                let (beside, middle) = (x(last.0) + 10.0, y(last.1) + 4.0);
                writeln!(to, r#"<text x="{beside:.1}" y="{middle:.1}" fill="{colour}">{}</text>"#, line.name)?;
            }
        }
        writeln!(to, "</svg>")
    }
}

/// A step of which five hold `most`: 1, 2, 2.5 or 5 of some power of ten.
fn step(most: f64) -> f64 {
    let least = (most / 5.0).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * power);
    steps.into_iter().find(|step| *step >= least * 0.999).unwrap_or(10.0 * power)
}

fn short(value: f64) -> String {
    let text = if value >= 10.0 { format!("{value:.0}") } else { format!("{value:.3}") };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
