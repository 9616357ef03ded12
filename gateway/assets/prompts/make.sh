#!/bin/sh
# Makes every announcement anew: needs Debian's espeak-ng and sox. Run it in this folder.
set -eu

say() {
    espeak-ng -v en-gb+f3 -s 145 -p 42 -a 90 -w "$work/raw.wav" "$2"
    # 8 kHz, telephone band, silence off both ends, the same loudness for all, 30 ms of edge.
    sox "$work/raw.wav" -r 8000 -b 16 -c 1 "en/$1.wav" highpass 150 lowpass 3600 \
        silence 1 0.01 0.3% reverse silence 1 0.01 0.3% reverse \
        gain -n -4 pad 0.03 0.08
}

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

say welcome "Welcome. Please wait."
say you-are-number "You are number"
say number-1 "one"
say number-2 "two"
say number-3 "three"
say number-4 "four"
say number-5 "five"
say number-6 "six"
say number-7 "seven"
say number-8 "eight"
say number-9 "nine"
say number-10 "ten"
say more-than-ten "more than ten"
say in-the-queue "in the queue."
say wait-is-about "Your waiting time is about"
say minute "minute."
say minutes "minutes."
say all-agents-busy "All agents are busy. Please stay on the line."
say closed "We are closed at the moment. Please call again during our opening hours."
say sorry "Nobody can take your call at the moment. Please call again later."
say goodbye "Goodbye."
say rate-call "How well were we able to help you?"
say press-one-to-five "Please press a key from one, for badly, to five, for very well."
say thanks "Thank you for your answer."
say callback-offer "To be called back in your place, press one."
say callback-promised "We will call you back when it is your turn."
say callback-greeting "Hello. This is the call you asked for. Please stay on the line."
say stop-offer "To receive no more calls from us, press nine."
say stopped "You will not be called again."
say recorded "This call is recorded."
say refuse-recording "If you do not want that, press zero."
