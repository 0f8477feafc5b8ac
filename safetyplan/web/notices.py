"""What is said after something was saved: a closed list, so that an address can carry the code and nothing else."""

from safetyplan.errors import N_

NOTICES: dict[str, str] = {
    "saved": N_("Saved."),
    "item-added": N_("Added to your plan."),
    "item-done": N_("Marked as done."),
    "item-open": N_("Marked as not done yet."),
    "item-removed": N_("Taken out. You can bring it back from the history."),
    "item-back": N_("It is back in the plan."),
    "still-right": N_("Noted: this is still right."),
    "answers-saved": N_("Your answer is saved. You can change it at any time."),
    "answers-forgotten": N_("Your answers are gone."),
    "review-proposed": N_("The review is saved."),
    "review-settled": N_("The review is settled."),
    "view-saved": N_("Saved. Your staff can read it now."),
    "view-same": N_("Nothing was changed. What you said before still stands."),
    "incident-saved": N_("Noted. Your staff can read it now."),
    "session-ended": N_("That sign-in has ended."),
    "sessions-ended": N_("All other sign-ins have ended."),
    "begin-again": N_("That took a little too long. Please begin again."),
    "device-marked": N_("This device is marked as yours. Nobody's guesses can make you wait here."),
    "device-forgotten": N_("This device is not marked as yours any more."),
    "signed-out": N_("You are signed out."),
    "granted": N_("Done. They can open this case now."),
    "withdrawn": N_("Done. They can no longer open this case."),
    "unit-created": N_("The unit is there."),
    "invitation-withdrawn": N_("Done. Nobody can come in with that slip."),
    "verified": N_("The log was checked."),
}
