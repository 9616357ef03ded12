// How a field looks whose content is not shown. Pure.

/** What stands for it. */
export const FILLED = "•••••";

/** Kinds of fields that have no place for it. */
export const KINDS = /^(?:number|date|time|datetime-local|month|week)$/;

/** And those that show what they hold otherwise than by signs. */
export const SHAPES = /^(?:range|color)$/;
