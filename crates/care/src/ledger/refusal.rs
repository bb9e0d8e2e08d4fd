//! Why a command is refused: a closed set. Each has a sentence for people, and what to do next.

use super::field::codes;

codes! {
    /// Why a command is refused. A refusal writes nothing, so its id may be tried again.
    Refusal {
        Malformed = "malformed",
        IdReused = "id-reused",
        ClockAhead = "clock-ahead",
        InFuture = "in-future",
        TooLate = "too-late",
        LateWithoutReason = "late-without-reason",
        AskerMayNot = "asker-may-not",
        Unknown = "unknown",
        NotOwnRecord = "not-own-record",
        RoleNotInPeriod = "role-not-in-period",
        ProxyNotValid = "proxy-not-valid",
        AlreadyExists = "already-exists",
        NoLead = "no-lead",
        OutOfScope = "out-of-scope",
        DutyClosed = "duty-closed",
        NotHolder = "not-holder",
        DutyInOffer = "duty-in-offer",
        OutOfOrder = "out-of-order",
        AlreadyProposed = "already-proposed",
        OrganisationClosed = "organisation-closed",
        NotLead = "not-lead",
        BadPeriod = "bad-period",
        RoleEnded = "role-ended",
        HoldsDuties = "holds-duties",
        RootNeedsLead = "root-needs-lead",
        NotInOrganisation = "not-in-organisation",
        HasRoles = "has-roles",
        HasOrganisations = "has-organisations",
        BasisMayNot = "basis-may-not",
        NeedClosed = "need-closed",
        LastDuty = "last-duty",
        WouldStrand = "would-strand",
        NeedOpen = "need-open",
        NotOnePatient = "not-one-patient",
        SelfOffer = "self-offer",
        NotAddressee = "not-addressee",
        OfferAccepted = "offer-accepted",
        OfferDeclined = "offer-declined",
        OfferCountered = "offer-countered",
        OfferRecalled = "offer-recalled",
        OfferExpired = "offer-expired",
        OfferLapsed = "offer-lapsed",
        IsCounter = "is-counter",
        NotACounter = "not-a-counter",
        NotInOffer = "not-in-offer",
        ReadBackIncomplete = "read-back-incomplete",
        NotOfferer = "not-offerer",
        NothingOffered = "nothing-offered",
        NotParty = "not-party",
        NotThenHolder = "not-then-holder",
        ContributionEnded = "contribution-ended",
        NothingToTell = "nothing-to-tell",
    }
}

impl Refusal {
    /// What is wrong, for people.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        self.words().0
    }

    /// What to do next.
    #[must_use]
    pub fn next(self) -> &'static str {
        self.words().1
    }

    /// Both: the message of an answer.
    #[must_use]
    pub fn message(self) -> String {
        format!("{}; {}", self.sentence(), self.next())
    }

    fn words(self) -> (&'static str, &'static str) {
        self.words_of_askers().or_else(|| self.words_of_the_directory()).unwrap_or_else(|| self.words_of_duties())
    }

    /// Refusals of every command.
    fn words_of_askers(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Refusal::Malformed => ("the command is not whole", "put right the field named, and send it again"),
            Refusal::IdReused => ("another command was done under this id", "send this one under an id of its own"),
            Refusal::ClockAhead => (
                "the clock reads over a day past the last thing recorded",
                "check the machine's clock; if it is right, confirm it",
            ),
            Refusal::InFuture => ("it takes effect in the future", "send it when it has happened"),
            Refusal::TooLate => {
                ("it took effect over a day ago, and this cannot be recorded so late", "record it as of now")
            }
            Refusal::LateWithoutReason => {
                ("it took effect over a day ago, and no reason is given", "say why it is late, as `reason`")
            }
            Refusal::AskerMayNot => ("one who asks as this may not ask for that", "have it asked by one who may"),
            Refusal::Unknown => ("something that it names is not in the ledger", "check its ids, or register it first"),
            Refusal::NotOwnRecord => ("it is about another patient", "ask about your own record"),
            Refusal::RoleNotInPeriod => {
                ("the role is not in its period", "name a role that is, or have its period set")
            }
            Refusal::ProxyNotValid => (
                "the proxy may not speak for this patient, at this age or any more",
                "ask the patient, or have a proxy recorded who may",
            ),
            Refusal::AlreadyExists => ("an id that it gives is in use", "give another id"),
            Refusal::AlreadyProposed => ("your side has proposed just this", "wait for the other side to agree"),
            _ => return None,
        })
    }

    /// Refusals about organisations, roles and leads.
    fn words_of_the_directory(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Refusal::NoLead => (
                "nobody leads the organisation at the top, so duties there would have nobody to fall to",
                "have a lead set first",
            ),
            Refusal::OutOfScope => (
                "the role's scope lacks the kind of a duty",
                "name a role that has it, or have the scope widened by the role and a lead",
            ),
            Refusal::OrganisationClosed => ("the organisation is closed", "name one that is open"),
            Refusal::NotLead => ("only a lead may do that here", "ask the organisation's lead"),
            Refusal::BadPeriod => ("the times don't fit", "give an end that is still to come, and after the start"),
            Refusal::RoleEnded => ("the role has ended", "name a role that has not"),
            Refusal::HoldsDuties => {
                ("the role holds duties of a kind that is left out", "hand these over first, or keep the kind")
            }
            Refusal::RootNeedsLead => (
                "an organisation at the top always has a lead, without an end",
                "have another accept the lead first, or name a role without an end",
            ),
            Refusal::NotInOrganisation => ("the role is not of this organisation", "ask one who is"),
            Refusal::HasRoles => ("roles there have not ended", "end them first"),
            Refusal::HasOrganisations => ("organisations below it are open", "close them first"),
            Refusal::BasisMayNot => (
                "this asker may not record a proxy on this basis",
                "a clinician records `parental`, `agreed` or `legal`, the patient `granted` or `agreed`",
            ),
            _ => return None,
        })
    }

    /// Refusals about needs, duties and offers.
    fn words_of_duties(self) -> (&'static str, &'static str) {
        match self {
            Refusal::DutyClosed => ("a duty is closed", "name open duties"),
            Refusal::NotHolder => ("that is for who holds the duty", "ask its holder"),
            Refusal::DutyInOffer => ("a duty waits in an open offer", "wait for the answer, or recall the offer"),
            Refusal::OutOfOrder => (
                "it would take effect before what it builds on",
                "give an instant after the present holding, or the offer, began",
            ),
            Refusal::NeedClosed => ("the need is closed", "reopen it, or open another"),
            Refusal::LastDuty => ("it is the need's last open duty", "close the need instead"),
            Refusal::WouldStrand => {
                ("others would be left answerable for duties", "have these handed over or closed first")
            }
            Refusal::NeedOpen => ("the need is open", "add a duty to it instead"),
            Refusal::NotOnePatient => ("a duty is another patient's", "offer each patient's duties on their own"),
            Refusal::SelfOffer => ("it is to the one whose it is", "name somebody else"),
            Refusal::NotAddressee => ("it was not offered to you", "ask the one it was offered to"),
            Refusal::OfferAccepted => ("the offer has been accepted", "ask who is answerable now"),
            Refusal::OfferDeclined => ("the offer has been declined", "make another"),
            Refusal::OfferCountered => ("the offer has been countered", "answer the counter"),
            Refusal::OfferRecalled => ("the offer has been recalled", "ask who made it"),
            Refusal::OfferExpired => ("the offer has expired", "ask for another; who made it is still answerable"),
            Refusal::OfferLapsed => ("the offer has lapsed", "ask who is answerable now, and make another"),
            Refusal::IsCounter => ("it is a counter", "agree to it, or decline it"),
            Refusal::NotACounter => ("it is an offer, not a counter", "accept it instead"),
            Refusal::NotInOffer => ("a duty is not in the offer", "name duties that are"),
            Refusal::ReadBackIncomplete => {
                ("not each action has been read back", "read back every action, in words of your own")
            }
            Refusal::NotOfferer => ("only who made the offer can recall it", "decline it, or ask them"),
            Refusal::NothingOffered => ("each of the offers is refused", "offer them one by one to see why"),
            Refusal::NotParty => ("that is for those who take part in it", "ask one who does"),
            Refusal::NotThenHolder => ("the one named was not answerable then", "ask who was, at that instant"),
            Refusal::ContributionEnded => ("the contribution has ended", "begin another"),
            Refusal::NothingToTell => ("the patient has been told of each change of this duty", "name others, or none"),
            _ => ("it is refused", "ask for help"),
        }
    }
}
