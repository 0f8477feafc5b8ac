"""The operators' program: ``safetyplan COMMAND``.

Rule: **an operator is told what to do.** Whatever we raise on purpose becomes one sentence and exit code 2, never a
trace; a wrong setting stops a command before it has touched anything.

Decided
- Every command takes ``--data DIR``, before or after its name, at any depth. The option is added here, to whatever
  command is loaded, so that none can be written without it. Commands read ``given.settings()``.
- Commands are imported when they are called: ``safetyplan --help`` opens no database and loads no cipher.
- Whatever the program makes is for its own user only (umask 077), the database's journal and lock files too.
- Texts are English: the screen of an operator is no page of the service.

Turned down
- Secrets as options or in the environment: both can be read by other processes of the same user. Recovery shares and
  enrolment codes go to the screen, once.
- A command that answers questions about a case: an operator has no grant, and no way round one.
"""

from safetyplan.cli.program import Program, Stop, main

__all__ = ["Program", "Stop", "main"]
