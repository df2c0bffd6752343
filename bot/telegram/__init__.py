"""The Bot API's forms: updates as events, calls and what is answered to them."""
