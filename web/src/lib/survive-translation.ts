interface Translation {
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
  const translations = new WeakMap<Text, Translation>();
  const texts = new WeakMap<Node, Text>();

  function keepBehind(text: Text, font: Element): void {
    translations.set(text, { font, original: text.data });
    texts.set(font, text);
    text.data = '';
    font.after(text);
  }

  /** Ends a translation; the text is the original one again, unless the page has written another since. */
  function drop(text: Text, { font, original }: Translation): void {
    translations.delete(text);
    font.remove();
    if (text.data === '') text.data = original;
  }

  function follow(record: MutationRecord): void {
    if (record.target instanceof Text) return dropIf(record.target, (text) => text.data !== '');
    for (const removed of record.removedNodes) {
      const text = texts.get(removed);
      if (text !== undefined) dropIf(text, () => true);
      else if (removed instanceof Text) followRemoved(removed, record);
    }
  }

  function followRemoved(text: Text, record: MutationRecord): void {
    const font = [...record.addedNodes, record.previousSibling, record.nextSibling].find(isFont);
    if (translations.has(text)) dropIf(text, () => translations.get(text)?.font !== text.previousSibling);
    else if (font !== undefined && !text.isConnected) keepBehind(text, font);
  }

  function dropIf(text: Text, isOver: (text: Text) => boolean): void {
    const translation = translations.get(text);
    if (translation !== undefined && isOver(text)) drop(text, translation);
  }

  const observer = new MutationObserver((records) => records.forEach(follow));
  observer.observe(root, { childList: true, characterData: true, subtree: true });
  return () => observer.disconnect();
}

function isFont(node: Node | null): node is Element {
  return node?.nodeName === 'FONT';
}
