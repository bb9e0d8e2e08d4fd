//! Why a command is refused: a closed set. Each has a sentence for people, and what to do next.

use super::field::codes;

/// Declares the refusals: each with its code, what is wrong, and what to do next.
macro_rules! refusals {
    ($($name:ident = $code:literal: $sentence:literal, $next:literal;)*) => {
        codes! {
            /// Why a command is refused. A refusal writes nothing, so its id may be tried again.
            Refusal { $($name = $code),* }
        }

        impl Refusal {
            /// What is wrong, for people.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Refusal::$name => $sentence),* }
            }

            /// What to do next.
            #[must_use]
            pub const fn next(self) -> &'static str {
                match self { $(Refusal::$name => $next),* }
            }

            /// Both: the message of an answer.
            #[must_use]
            pub fn message(self) -> String {
                format!("{}; {}", self.sentence(), self.next())
            }
        }
    };
}

refusals! {
    // Of every command, in the order in which they are looked for.
    Malformed = "malformed":
        "the command is not whole",
        "put right the field named, and send it again";
    IdReused = "id-reused":
        "another command was done under this id",
        "send this one under an id of its own";
    ClockAhead = "clock-ahead":
        "the clock reads over a day past the last thing recorded",
        "check the machine's clock; if it is right, confirm it";
    InFuture = "in-future":
        "it takes effect in the future",
        "send it when it has happened";
    TooLate = "too-late":
        "it took effect over a day ago, and this cannot be recorded so late",
        "record it as of now";
    LateWithoutReason = "late-without-reason":
        "it took effect over a day ago, and no reason is given",
        "say why it is late, as `reason`";
    AskerMayNot = "asker-may-not":
        "one who asks as this may not ask for that",
        "have it asked by one who may";
    Unknown = "unknown":
        "something that it names is not in the ledger",
        "check its ids, or register it first";
    NotOwnRecord = "not-own-record":
        "it is about another patient",
        "ask about your own record";
    RoleNotInPeriod = "role-not-in-period":
        "the role is not in its period",
        "name a role that is, or have its period set";
    ProxyNotValid = "proxy-not-valid":
        "the proxy may not speak for this patient, at this age or any more",
        "ask the patient, or have a proxy recorded who may";
    AlreadyExists = "already-exists":
        "an id that it gives is in use",
        "give another id";

    // Of commands' own.
    NoLead = "no-lead":
        "nobody leads the organisation at the top, so duties there would have nobody to fall to",
        "have a lead set first";
    OutOfScope = "out-of-scope":
        "the role's scope lacks the kind of a duty",
        "name a role that has it, or have the scope widened by the role and a lead";
    DutyClosed = "duty-closed":
        "a duty is closed",
        "name open duties";
    NotHolder = "not-holder":
        "that is for who holds the duty",
        "ask its holder";
    DutyInOffer = "duty-in-offer":
        "a duty waits in an open offer",
        "wait for the answer, or recall the offer";
    OutOfOrder = "out-of-order":
        "it would take effect before what it builds on",
        "give an instant after the present holding, or the offer, began";
    AlreadyProposed = "already-proposed":
        "your side has proposed just this",
        "wait for the other side to agree";
    OrganisationClosed = "organisation-closed":
        "the organisation is closed",
        "name one that is open";
    NotLead = "not-lead":
        "only a lead may do that here",
        "ask the organisation's lead";
    BadPeriod = "bad-period":
        "the times don't fit",
        "give an end that is still to come, and after the start";
    RoleEnded = "role-ended":
        "the role has ended",
        "name a role that has not";
    HoldsDuties = "holds-duties":
        "the role holds duties of a kind that is left out",
        "hand these over first, or keep the kind";
    RootNeedsLead = "root-needs-lead":
        "an organisation at the top always has a lead, without an end",
        "have another accept the lead first, or name a role without an end";
    NotInOrganisation = "not-in-organisation":
        "the role is not of this organisation",
        "ask one who is";
    HasRoles = "has-roles":
        "roles there have not ended",
        "end them first";
    HasOrganisations = "has-organisations":
        "organisations below it are open",
        "close them first";
    BasisMayNot = "basis-may-not":
        "this asker may not record a proxy on this basis",
        "a clinician records `parental`, `agreed` or `legal`, the patient `granted` or `agreed`";
    NeedClosed = "need-closed":
        "the need is closed",
        "reopen it, or open another";
    LastDuty = "last-duty":
        "it is the need's last open duty",
        "close the need instead";
    WouldStrand = "would-strand":
        "others would be left answerable for duties",
        "have these handed over or closed first";
    NeedOpen = "need-open":
        "the need is open",
        "add a duty to it instead";
    NotOnePatient = "not-one-patient":
        "a duty is another patient's",
        "offer each patient's duties on their own";
    SelfOffer = "self-offer":
        "it is to the one whose it is",
        "name somebody else";
    NotAddressee = "not-addressee":
        "it was not offered to you",
        "ask the one it was offered to";
    OfferAccepted = "offer-accepted":
        "the offer has been accepted",
        "ask who is answerable now";
    OfferDeclined = "offer-declined":
        "the offer has been declined",
        "make another";
    OfferCountered = "offer-countered":
        "the offer has been countered",
        "answer the counter";
    OfferRecalled = "offer-recalled":
        "the offer has been recalled",
        "ask who made it";
    OfferExpired = "offer-expired":
        "the offer has expired",
        "ask for another; who made it is still answerable";
    OfferLapsed = "offer-lapsed":
        "the offer has lapsed",
        "ask who is answerable now, and make another";
    IsCounter = "is-counter":
        "it is a counter",
        "agree to it, or decline it";
    NotACounter = "not-a-counter":
        "it is an offer, not a counter",
        "accept it instead";
    NotInOffer = "not-in-offer":
        "a duty is not in the offer",
        "name duties that are";
    ReadBackIncomplete = "read-back-incomplete":
        "not each action has been read back",
        "read back every action, in words of your own";
    NotOfferer = "not-offerer":
        "only who made the offer can recall it",
        "decline it, or ask them";
    NothingOffered = "nothing-offered":
        "each of the offers is refused",
        "offer them one by one to see why";
    NotParty = "not-party":
        "that is for those who take part in it",
        "ask one who does";
    NotThenHolder = "not-then-holder":
        "the one named was not answerable then",
        "ask who was, at that instant";
    ContributionEnded = "contribution-ended":
        "the contribution has ended",
        "begin another";
    NothingToTell = "nothing-to-tell":
        "the patient has been told of each change of this duty",
        "name others, or none";
}
