/** What a {@link Heap} holds: it keeps its place, so that it can be taken out from the middle. */
export interface HeapItem {
  /** The least comes first. */
  rank: number;
  /** Breaks ties: the least comes first. */
  readonly order: number;
  /** Where it stands; the heap's own. */
  place: number;
}

/** A binary heap with removal: each change takes O(log n). */
export class Heap<Item extends HeapItem> {
  readonly #items: Item[] = [];

  get first(): Item | undefined {
    return this.#items[0];
  }

  add(item: Item): void {
    this.#put(item, this.#items.length);
    this.#rise(item);
  }

  remove(item: Item): void {
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#put(last, item.place);
    this.update(last);
  }

  /** To be called after an item's rank has changed. */
  update(item: Item): void {
    this.#rise(item);
    this.#sink(item);
  }

  #put(item: Item, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }

  #rise(item: Item): void {
    let parent = this.#items[(item.place - 1) >> 1];
    while (item.place > 0 && parent !== undefined && comesBefore(item, parent)) {
      this.#swap(item, parent);
      parent = this.#items[(item.place - 1) >> 1];
    }
  }

  #sink(item: Item): void {
    let child = this.#firstChild(item.place);
    while (child !== undefined && comesBefore(child, item)) {
      this.#swap(child, item);
      child = this.#firstChild(item.place);
    }
  }

  #firstChild(place: number): Item | undefined {
    const left = this.#items[2 * place + 1];
    const right = this.#items[2 * place + 2];
    if (left === undefined || right === undefined) return left;
    return comesBefore(right, left) ? right : left;
  }

  #swap(first: Item, second: Item): void {
    const { place } = first;
    this.#put(first, second.place);
    this.#put(second, place);
  }
}

function comesBefore(first: HeapItem, second: HeapItem): boolean {
  return first.rank === second.rank ? first.order < second.order : first.rank < second.rank;
}
