interface Translation {
  text: Text;
  font: Element;
  original: string;
}

/**
 * Keeps a page alive while the browser translates it; returns a function that stops this. A translator replaces each
 * text node by a `<font>` element, so that a new text written into the node would be lost, and a removed part of the
 * page would leave its translation behind. Here a replaced node stays, empty, behind its translation: a new text takes
 * the translation's place, and a removed node takes the translation along.
 */
export function surviveTranslation(root: HTMLElement): () => void {
  const translations = new WeakMap<Node, Translation>();

  /** Ends a translation; the text is the original one again, unless the page has written another since. */
  function drop({ text, font, original }: Translation): void {
    translations.delete(text);
    translations.delete(font);
    font.remove();
    if (text.data === '') text.data = original;
  }

  function follow(record: MutationRecord): void {
    const { target } = record;
    const changed = translations.get(target);
    if (changed !== undefined && target.nodeValue !== '') drop(changed);
    for (const removed of record.removedNodes) {
      const translation = translations.get(removed);
      if (translation !== undefined) followRemoved(removed, translation);
      else if (removed instanceof Text && !removed.isConnected) keepBehind(removed, record);
    }
  }

  /** The record of a node that was put behind its translation comes after that: then both are in their places. */
  function followRemoved(removed: Node, translation: Translation): void {
    const { text, font } = translation;
    if (removed === font || text.previousSibling !== font) drop(translation);
  }

  function keepBehind(text: Text, { addedNodes, previousSibling, nextSibling }: MutationRecord): void {
    const font = [...addedNodes, previousSibling, nextSibling].find(isFont);
    if (font === undefined || translations.has(font)) return;
    const translation = { text, font, original: text.data };
    translations.set(text, translation).set(font, translation);
    text.data = '';
    font.after(text);
  }

  const observer = new MutationObserver((records) => records.forEach(follow));
  observer.observe(root, { childList: true, characterData: true, subtree: true });
  return () => observer.disconnect();
}

function isFont(node: Node | null): node is Element {
  return node?.nodeName === 'FONT';
}
