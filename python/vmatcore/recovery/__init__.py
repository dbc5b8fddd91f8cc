"""How long after the last dose until the transporter, or the vesicles, are back; how sure.

Every constant with a published or assumed spread is drawn anew, the whole chain is
run again, and the hours are given with the interval that the draws span.
"""

from vmatcore.recovery.result import WashoutInterval
from vmatcore.recovery.stage import washout

__all__ = ["WashoutInterval", "washout"]
