"""What people say in a live sale, as patterns. The words in braces come from the product on air."""

from __future__ import annotations

# What a catalogue calls a fact, as people say it.
NOUNS = {
    "feels": "feel",
    "lasts": "staying power",
    "fits": "fit",
    "made_for": "use",
    "good_to_know": "detail",
    "in_the_box": "box",
    "smells": "smell",
    "dries": "drying time",
}
GREETINGS = (
    "Hello {day}, just got in. {tail}",
    "Hi {day}! What did I miss? {tail}",
    "Good to be here, {day}. {tail}",
    "First time in this shop, hello {day}. {tail}",
    "Back again after last week, hi {day}. {tail}",
    "Hey {day}, the light looks lovely tonight. {tail}",
    "Made tea and found a seat, hello {day}. {tail}",
    "Waving hello, {day}. {tail}",
    "My sister sent me here, hi {day}. {tail}",
    "Finally on time for once, hello {day}. {tail}",
    "Sound is good here, hi {day}. {tail}",
)
OPENERS = (
    "Honestly,",
    "Oh,",
    "I have to say,",
    "Wait,",
    "Quick thought:",
    "Not going to lie,",
    "For me,",
    "Okay,",
    "As a fan of simple things,",
    "After seeing it up close,",
    "From what I can see,",
    "Just thinking aloud:",
)
QUESTION_OPENERS = (
    "Oh,",
    "Wait,",
    "Quick question:",
    "Okay,",
    "Sorry if I missed it,",
    "Before I decide,",
    "Just thinking aloud:",
)
TAILS = (
    "Is anyone else deciding too?",
    "My wardrobe is judging me.",
    "Thanks for showing it slowly.",
    "Great evening so far.",
    "Please keep it on screen a little longer.",
    "My partner just rolled their eyes.",
    "I am taking notes.",
    "The close-up helps a lot.",
    "You explain this so well.",
    "I like how calm this show is.",
    "That sounds fair to me.",
    "It would make a good present.",
    "Asking for my mum as well.",
    "No regrets last time.",
)
PLAIN = (
    "the {short} looks better than in the shop photos.",
    "I have wanted a {short} like this for months.",
    "number {number} is going on my list.",
    "could you turn the {short} to the side once?",
    "how does the {short} compare with the last one?",
    "I could see the {short} in our hallway, honestly.",
    "does {vendor} make it in other versions too?",
    "the {short} is exactly what my friend described.",
    "is the {short} something you use yourself?",
    "what comes in the box with the {short}?",
    "does the {short} feel as solid as it looks?",
    "how long does delivery of the {short} take?",
    "the camera loves the {short}.",
    "I bought something from {vendor} once and it still holds up.",
    "would the {short} be a good first one for a beginner?",
)
PRICE_LINES = (
    "{price} for the {short} is less than I expected.",
    "is {price} the price with tax?",
    "what would two of the {short} cost, twice {price}?",
    "{price} is right at my limit, hmm.",
    "if it stays at {price} I am in.",
    "will the {short} go below {price} tonight?",
    "{price}? For number {number}? Interesting.",
    "with {left} left at {price} I should hurry.",
)
ATTRIBUTE_PRAISE = (
    "{fact}: {value}. That is what I was looking for.",
    "I like the {fact}: {value}.",
    "the {fact} ({value}) is what convinces me about the {short}.",
    "good to know about the {fact}: {value}.",
    "if the {fact} is really like that ({value}), it is a yes.",
    "{value}? With that {fact} the {short} makes sense.",
    "my old one had nothing like this {fact}. {value}, nice.",
)
ATTRIBUTE_QUESTIONS = (
    "you said {value}, is the {fact} the same for every version?",
    "can you say more about the {fact} of the {short}?",
    "about the {fact}: {value}, and that for all of them?",
    "what does {value} mean in practice, for the {fact}?",
    "the {fact}: {value}, did I hear that right?",
    "{value} today, but how is the {fact} after a few weeks?",
)
OPTION_LINES = (
    "I would take {choice} as {option}.",
    "{choice} or something brighter? Help me choose.",
    "could you hold {choice} up to the light?",
    "is {choice} still there?",
    "{choice} is the {option} for me.",
    "how does {choice} look next to the others?",
    "team {choice} over here.",
    "would {choice} work for everyday?",
    "my vote for the {option} goes to {choice}.",
)
REQUESTS = (
    "could you show number {number} again?",
    "number {number} please!",
    "can we see #{number} once more?",
    "would love to see number {number} next.",
    "any chance for number {number}, the {short}?",
    "I came for number {number}, will it be on soon?",
    "please do number {number} after this.",
    "Nummer {number} bitte!",
)
DEALS = (
    "that deal on the {short} is real, going for it.",
    "is the deal for everyone or one each?",
    "deal spotted, card ready.",
    "the countdown makes me nervous, but the {short} is worth it.",
    "units are going fast on number {number}.",
    "nice, a proper deal on the {short} at last.",
    "glad I stayed for this deal.",
    "who else is in for the {short} deal?",
)
BOUGHT = (
    "got the {short}, thank you!",
    "ordered number {number}, that was quick.",
    "and the {short} is mine.",
    "paid in two taps, nice. See you soon, {short}.",
    "just ordered {choice}, looking forward to it.",
    "number {number} is coming home with me.",
    "done! The {short} for my sister, and one thing less on the list.",
    "my {short} is on its way, happy.",
)
WELCOME = (
    "Good evening and welcome! I am happy that you are here. Make yourselves comfortable.",
    "Hello everyone, welcome in. We have a full table tonight, so let us begin slowly.",
    "Welcome, welcome! If you are new: ask for any number in the chat and I will show it.",
    "Hi all, lovely to see so many names that I know. Let us look at some good things.",
    "We are going round once more for all who have just come in. Welcome!",
    "Hello to the newcomers! Tell me a number and I will bring it out.",
)
HOST_OPEN = (
    "Here is number {number}: {title}. Let me hold it a bit closer.",
    "Now number {number}, {title}, by {vendor}.",
    "On to number {number}. This is the {title}.",
    "Number {number} is one that I reach for a lot: {title}.",
    "Some of you asked for it: number {number}, the {title}.",
    "Let us take our time with number {number}, {title}.",
)
HOST_FACTS = (
    "About the {fact}: {value}.",
    "What I like here is the {fact}: {value}.",
    "Somebody asked about the {fact}: {value}.",
    "Look at the {fact}: {value}. That is not a given.",
    "The {fact}, and you notice it every day: {value}.",
    "Let me start with {choice}, and then the others.",
    "In {choice} it looks like this. Tell me what you think.",
    "{choice} as {option} is the one that I would pick for a first try.",
    "Take your time with the {short}; I will leave it on the table.",
    "I will put the {short} next to my hand, so that you see its size.",
    "{vendor} has thought about the small things in the {short}.",
)
HOST_PRICE = (
    "Tonight it is {price}, and {left} are on the shelf right now.",
    "The price in this show is {price}. What the card says is what you pay, tax included.",
    "{price} for number {number}; the number that you see left is the real one.",
    "It stays {price} while we are on. There are {left}.",
)
HOST_DEAL = (
    "Let us do something nice: {units} pieces of the {short} at {deal_price}. The clock is running.",
    "A small flash deal: {deal_price} for the {short}, {units} of them, first come first served.",
    "For the next moments the {short} is {deal_price}. {units} units, honestly counted.",
    "You have been patient, so: {units} times the {short} for {deal_price}.",
)
ANSWERS = (
    "{name}, number {next} is coming up right away.",
    "I see many of you asking for number {next}. Good, that is next.",
    "Yes {name}, I can show number {next}.",
    "Number {next} for {name} and everybody who asked.",
    "Right, {name}, let us bring out number {next}.",
)
HOST_CLOSE = (
    "That was the {short}. It stays in the list, number {number}, if you want to think about it.",
    "We move on. Number {number} can still be bought from the list.",
    "Thank you for the questions about the {short}.",
    "Let us make room on the table. Number {number} stays available.",
)
