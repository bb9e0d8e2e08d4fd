//! Words and codes of the invented population. Codes are here to be compared; nobody is treated by them.

/// A SNOMED CT concept, with its words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) code: &'static str,
    pub(super) words: &'static str,
}

const fn term(code: &'static str, words: &'static str) -> Term {
    Term { code, words }
}

/// What people live with.
pub(super) const LONG_TERM: [Term; 32] = [
    term("195967001", "Asthma"),
    term("84757009", "Epilepsy"),
    term("46635009", "Type 1 diabetes mellitus"),
    term("44054006", "Type 2 diabetes mellitus"),
    term("38341003", "Hypertensive disorder"),
    term("190905008", "Cystic fibrosis"),
    term("128188000", "Cerebral palsy"),
    term("34000006", "Crohn disease"),
    term("64766004", "Ulcerative colitis"),
    term("396275006", "Osteoarthritis"),
    term("69896004", "Rheumatoid arthritis"),
    term("410795001", "Juvenile idiopathic arthritis"),
    term("431855005", "Chronic kidney disease stage 1"),
    term("433144002", "Chronic kidney disease stage 3"),
    term("13645005", "Chronic obstructive pulmonary disease"),
    term("49436004", "Atrial fibrillation"),
    term("84114007", "Heart failure"),
    term("53741008", "Coronary arteriosclerosis"),
    term("13213009", "Congenital heart disease"),
    term("40930008", "Hypothyroidism"),
    term("35489007", "Depressive disorder"),
    term("48694002", "Anxiety"),
    term("406506008", "Attention deficit hyperactivity disorder"),
    term("408856003", "Autistic disorder"),
    term("72366004", "Eating disorder"),
    term("24700007", "Multiple sclerosis"),
    term("49049000", "Parkinson disease"),
    term("37796009", "Migraine"),
    term("417357006", "Sickling disorder due to hemoglobin S"),
    term("73297009", "Muscular dystrophy"),
    term("67531005", "Spina bifida"),
    term("414916001", "Obesity"),
];

/// What comes and goes.
pub(super) const PASSING: [Term; 12] = [
    term("54150009", "Upper respiratory infection"),
    term("65363002", "Otitis media"),
    term("43878008", "Streptococcal sore throat"),
    term("10509002", "Acute bronchitis"),
    term("36971009", "Sinusitis"),
    term("283371005", "Laceration of forearm"),
    term("44465007", "Sprain of ankle"),
    term("62106007", "Concussion with no loss of consciousness"),
    term("68566005", "Urinary tract infectious disease"),
    term("25374005", "Gastroenteritis"),
    term("247441003", "Erythema"),
    term("271737000", "Anemia"),
];

/// Kinds of visits.
pub(super) const VISITS: [Term; 6] = [
    term("185349003", "Encounter for check up"),
    term("390906007", "Follow-up encounter"),
    term("281036007", "Follow-up consultation"),
    term("308335008", "Patient encounter procedure"),
    term("185345009", "Encounter for symptom"),
    term("439708006", "Home visit"),
];

/// What plans ask someone to do.
pub(super) const ACTIVITIES: [Term; 6] = [
    term("408580007", "Physical activity assessment"),
    term("710563008", "Medication review"),
    term("58332002", "Allergy education"),
    term("229065009", "Exercise therapy"),
    term("304549008", "Giving encouragement to exercise"),
    term("698360004", "Diabetes self management plan"),
];

/// What referrals ask for.
pub(super) const REFERRALS: [Term; 6] = [
    term("183516009", "Referral to neurologist"),
    term("183519002", "Referral to cardiology service"),
    term("183561008", "Referral to general physician"),
    term("306127001", "Referral to diabetes service"),
    term("183583007", "Refer to mental health worker"),
    term("308447003", "Referral to physiotherapist"),
];

/// What laboratories are asked for.
pub(super) const TESTS: [Term; 4] = [
    term("26604007", "Complete blood count"),
    term("269820007", "Hemoglobin A1c measurement"),
    term("271000000", "Urea and electrolytes measurement"),
    term("313835008", "Thyroid function test"),
];

pub(super) const GIVEN: [&str; 24] = [
    "Amelia", "Noor", "Rhys", "Chidi", "Freya", "Tomasz", "Ines", "Oscar", "Maya", "Ewan", "Leila", "Harriet", "Yusuf",
    "Bethan", "Kofi", "Saoirse", "Daniel", "Priya", "Callum", "Zofia", "Marcus", "Aisha", "Gethin", "Rosa",
];

pub(super) const FAMILY: [&str; 24] = [
    "Ashdown",
    "Bakare",
    "Calloway",
    "Davenport",
    "Ekwueme",
    "Farrant",
    "Goswami",
    "Hollis",
    "Ibrahim",
    "Jardine",
    "Kowalczyk",
    "Lovell",
    "Mbeki",
    "Norgate",
    "Oyelaran",
    "Penrose",
    "Quartey",
    "Ravenhill",
    "Siddiqui",
    "Thackray",
    "Underhill",
    "Varga",
    "Whitlock",
    "Yarwood",
];

pub(super) const PLACES: [&str; 12] = [
    "Alderbrook",
    "Birchwater",
    "Cloverfold",
    "Dunmarsh",
    "Elmstead",
    "Foxholm",
    "Greywell",
    "Hartmoor",
    "Ivybank",
    "Kestrel Hill",
    "Larkfield",
    "Millrace",
];
