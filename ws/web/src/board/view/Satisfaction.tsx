// How well customers were served: ratings, first-contact resolution, and the curves of the day.

import type { Board, QueueView, RatingMean } from "../../generated/protocol";
import { dayTime } from "../../text/when";
import { mean, resolved, shown } from "../figures";
import { agentNamed, now, queue } from "../model";
import { lang, words } from "../words";
import { Curve } from "./Curve";
import { Table } from "./Table";

export function Satisfaction({ board }: { board: Board }) {
  const columns = [
    { name: words.queue },
    { name: `${words.chatRating}, ${words.week}`, number: true },
    { name: `${words.callRating}, ${words.week}`, number: true },
    { name: words.resolution, hint: words.resolutionHint, number: true },
    { name: words.provisional, hint: words.resolutionHint, number: true },
  ];
  const ratings = board.ratings.filter((rating) => queue.value === "" || rating.queue === queue.value);
  return (
    <>
      <Table title={words.satisfaction} columns={columns} empty={words.none} testid="satisfaction">
        {shown(board, queue.value).map((view) => (
          <Line key={view.queue} view={view} />
        ))}
      </Table>
      <Table
        title={words.lastRatings}
        columns={[{ name: words.time }, { name: words.rating, number: true }, { name: words.comment }, { name: words.servedBy }, { name: words.channel }, { name: words.queue }]}
        empty={words.noRatings}
        testid="ratings"
      >
        {ratings.map((rating) => (
          <tr key={rating.interaction}>
            <td>{dayTime(rating.at, now.value, lang)}</td>
            <td class={rating.score <= 2 ? "number late" : "number"}>{words.scored(rating.score)}</td>
            <td class="words">{rating.comment ?? words.none}</td>
            <th scope="row">{rating.agent ? agentNamed(rating.agent) : words.none}</th>
            <td>{words[rating.channel]}</td>
            <td>{rating.queue}</td>
          </tr>
        ))}
      </Table>
      <Curve day={board.day} />
    </>
  );
}

function Line({ view }: { view: QueueView }) {
  return (
    <tr data-queue={view.queue}>
      <th scope="row">{view.queue}</th>
      <td class="number">{rated(view.chat_rating)}</td>
      <td class="number">{rated(view.call_rating)}</td>
      <td class="number">{resolved(view.resolution)}</td>
      <td class="number quietly">{resolved(view.provisional)}</td>
    </tr>
  );
}

function rated(rating: RatingMean | null): string {
  return rating ? words.ratings(mean(rating.mean), rating.count) : words.none;
}
