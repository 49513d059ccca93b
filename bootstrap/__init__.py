"""From an empty machine to one that can serve or test.

Standard library only: it runs before anything is installed.

``python3 -m bootstrap serve`` gets what serving needs, ``test`` what the tests need, ``lint`` what checking
needs. Each step looks first and is done once; a second run costs a few hundredths of a second.
"""
