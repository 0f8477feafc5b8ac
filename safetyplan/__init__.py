"""safetyplan: Nobody opens a resident's words unseen."""
