// What the scripts say, in the language of the page. The English sentence is the key; the page has the others' as JSON.

const { said = {}, forms = [], locale = document.documentElement.lang } = JSON.parse(document.getElementById("words")?.textContent || "{}");

/** `_("%(name)s is ready", { name })`: the sentence in the page's language, with values in its places. */
export const _ = (message, values = {}) => fill(said[message] ?? message, values);

/** The same where English has one word for several things: `context` says which is meant. */
export const pgettext = (context, message, values = {}) => fill(said[`${context}\u0004${message}`] ?? message, values);

/** The sentence for a count: `%(num)s` in it is the count as the language writes it. */
export function ngettext(one, many, count, values = {}) {
  const form = said[one]?.[forms[count < forms.length ? count : 100 + count % 100]];
  return fill(form ?? (count === 1 ? one : many), { num: number(count), ...values });
}

/** A number as the language writes it: 1,000. */
export const number = (count) => count.toLocaleString(locale);

const fill = (message, values) => message.replace(/%(?:%|\((\w+)\)s)/g, (place, name) => (name ? values[name] : "%"));

/** What the desk answered, to be put into the page: text, marked where it is in another language. */
export function inLanguage(told) {
  if (typeof told !== "object" || told === null) return told;
  return Object.assign(document.createElement("span"), { textContent: told.text, lang: told.lang });
}

/** The same as plain text, for where no element can stand. */
export const plain = (told) => told?.text ?? told;
