"""Words of two meanings, as pairs of short texts: is the word used in the same way in both?"""

from random import Random
from typing import Final

from evalkit.models.demo.pieces import Pieces, labelled


def records(text: str) -> tuple[tuple[str, ...], ...]:
    """The lines of a table, split at `|`; a line that begins with a space goes on with the one above."""
    lines = text.strip().replace("\n ", "").split("\n")
    return tuple(tuple(part.strip() for part in line.split("|")) for line in lines)


# word | uses in the first meaning | uses in the second meaning
_SENSES: Final = records("""
bank | We sat on the bank of the river. / Ducks slept on the muddy bank.
  | The bank lent us money. / She has an account at the bank.
bat | A bat flew out of the cave. / The bat sleeps upside down.
  | He swung the bat at the ball. / The player broke his bat.
light | The box is very light. / A light bag is easy to carry.
  | Turn on the light. / The light in the hall is too bright.
run | They run in the park every day. / He had to run to the bus.
  | She has run the shop for years. / It is hard to run a company.
break | Do not break the cup. / Glass can break easily. | Take a break from work. / We had a short break at noon.
letter | He wrote a letter to his aunt. / The letter came by post.
  | The word begins with the letter B. / A is the first letter.
match | The match lasted ninety minutes. / Our team won the match. | He lit a match. / A wet match does not burn.
ring | She wore a golden ring. / The ring is on her finger.
  | Give me a ring tonight. / I heard the ring of the phone.
spring | Flowers bloom in spring. / Spring comes after winter.
  | The spring of the mattress broke. / A spring jumped out of the clock.
park | Children play in the park. / The park has old trees. | You may not park here. / Where did you park the car?
right | Turn right at the corner. / She writes with her right hand.
  | Your answer is right. / He was right about the weather.
watch | My watch is five minutes slow. / He looked at his watch. | We watch the birds. / They watch a film tonight.
wave | A wave hit the boat. / The surfer rode a high wave.
  | Wave to your mother! / She gave us a wave from the train.
cold | The water is cold. / It was a cold night. | I caught a cold. / His cold kept him in bed.
hard | The stone is hard. / Hard bread is bad for teeth. | The test was hard. / It is hard to learn Greek.
head | He hit his head. / She put a hat on her head. | The head of the firm spoke. / He is head of the school.
face | Wash your face. / There was mud on his face. | You must face the truth. / She had to face her fear.
play | The play had three acts. / We saw a play at the theatre.
  | The dogs play in the snow. / Let the children play.
date | What is the date today? / Write the date on the form. | He ate a sweet date. / The date grows on a palm.
fan | The fan cools the room. / Switch off the fan. | She is a fan of the band. / Every fan cheered for the team.
nail | Hit the nail with a hammer. / The picture hangs on a nail.
  | She painted the nail of her thumb. / He bit his nail.
key | The key opens the door. / I lost the key to the house.
  | The song is in a minor key. / They sang in the wrong key.
rock | He threw a rock. / The ship hit a rock. | She plays in a rock band. / They danced to rock music.
seal | A seal swam by the ice. / The seal ate a fish.
  | Break the seal of the letter. / The king's seal was on the paper.
table | Put the cup on the table. / The table has four legs.
  | See the table on page ten. / The table lists all prices.
class | Our class has twenty pupils. / The class went to the museum.
  | They belong to the middle class. / The ruling class was rich.
order | The waiter took our order. / My order was soup and bread.
  | Put the books in order. / The names are in order of age.
sentence | Write a sentence. / The sentence has five words.
  | The judge gave a long sentence. / His sentence was two years.
leaf | A leaf fell from the tree. / The leaf is green.
  | Turn over a leaf of the book. / A leaf was torn from the diary.
star | A star shone in the night. / The sun is a star. | The star signed her name for fans. / He is a film star.
trip | We made a trip to the coast. / The trip took two days.
  | Do not trip on the carpet. / I saw him trip over a stone.
fire | The fire burned all night. / We sat by the fire. | The boss will fire him. / They had to fire ten workers.
book | I read a book. / The book has a red cover. | Please book a table. / We should book the hotel early.
cut | He has a cut on his hand. / The cut bled a lot. | There was a cut in pay. / They fear a cut in the budget.
draw | She can draw a horse. / He likes to draw with chalk.
  | The game ended in a draw. / A draw was not enough to win.
charge | There is no charge for the visit. / The charge was ten pounds.
  | He led the charge on the hill. / The charge broke the line.
track | The train left the track. / A track leads through the wood.
  | The band played a new track. / The last track is slow.
kind | She is kind to animals. / It was kind of you to help.
  | What kind of tree is it? / This kind of bread is rare.
""")


def same_sense(rng: Random, size: int) -> Pieces:
    """Two sentences with a word, and `yes` or `no`: is it used in the same way?"""
    word, *meanings = rng.choice(_SENSES)
    uses = [[use.strip() for use in meaning.split("/")] for meaning in meanings]
    rng.shuffle(uses)
    same = rng.random() < 0.5
    one, two = rng.sample(uses[0], 2) if same else (rng.choice(uses[0]), rng.choice(uses[1]))
    question = f"question: Is the word '{word}' used in the same way in the two sentences above?"
    return labelled(f"{one}\n{two}\n{question}\nanswer:", " yes" if same else " no")
