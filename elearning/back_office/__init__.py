"""Back-office views of online modules: editor, preview, versions, questions brought in."""
