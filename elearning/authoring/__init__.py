"""Write modules, issue their versions, bring in questions."""
