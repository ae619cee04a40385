import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Event } from '#shared/event.ts';
import { IMAGE_FORMATS, MAX_UPLOAD_BYTES } from '#shared/images/image-files.ts';
import type { Undoing } from '../support/database/test-database.ts';
import { eventInput, pushed, pushesOf, refusalOf, testApp } from '../support/test-app.ts';
import { animation, blackPng, photograph, plainPicture, removeImage, upload } from '../support/uploads.ts';

const MB = 1_048_576;

async function world(t: Undoing, env: Record<string, string> = {}) {
  const app = await testApp(t, { env });
  const admin = await app.admin();
  const event = await admin.must('createEvent', eventInput());
  const put = (picture: Buffer, more: Partial<Parameters<typeof upload>[1]> = {}) =>
    upload(app, { eventId: event.id, token: admin.token, picture, ...more });
  return { app, admin, event, put };
}

async function imageOf(response: Response): Promise<NonNullable<Event['image']>> {
  const event = (await response.json()) as Event;
  return event.image ?? expect.fail(`No image: ${JSON.stringify(event)}`);
}

async function issueOf(response: Response): Promise<unknown[]> {
  const { code, issues } = await refusalOf(response);
  return [response.status, code, issues?.map(({ path, code: why }) => [...path, why].join(': '))];
}

describe('an uploaded picture', () => {
  it('is an edit of the event that everyone is shown: three widths in three formats, upright, without metadata', async (t) => {
    const { app, event, put } = await world(t);
    const visitor = app.open('/public').connect();
    const shown = pushed(visitor, 'eventChanged', ({ image }) => image !== null);
    const picture = await photograph();
    expect(picture.length).toBeGreaterThan(11_000_000);
    const response = await put(picture, { query: 'alt=B%C3%BChne%20im%20Hof&focusX=0.25&focusY=1' });
    expect(response.status).toBe(200);
    const image = await imageOf(response);
    expect(image).toMatchObject({ width: 1_600, height: 2_133, alt: 'Bühne im Hof', focusX: 0.25, focusY: 1 });
    expect(await shown).toMatchObject({ id: event.id, revision: event.revision + 1, image });
    expect(app.app.converter.counts.peakBytes).toBeLessThan(350 * MB);
    expect(image.widths).toEqual([480, 960, 1_600]);
    for (const width of image.widths)
      for (const format of IMAGE_FORMATS) {
        const file = await app.get(image.url.replace('-1600.jpg', `-${width}.${format}`));
        expect(file.headers.get('content-type')).toBe(
          { avif: 'image/avif', webp: 'image/webp', jpg: 'image/jpeg' }[format],
        );
        const meta = await sharp(Buffer.from(await file.arrayBuffer())).metadata();
        expect([meta.width, meta.space, meta.exif, meta.orientation]).toEqual([width, 'srgb', undefined, undefined]);
        expect(meta.height).toBe(Math.round((width * 4) / 3));
      }
  });

  it('takes bounded memory in a process of its own, whatever it is', async (t) => {
    const { app, put } = await world(t);
    const { counts } = app.app.converter;
    const worst = [
      blackPng(7_200, 7_200, { bits: 8, colourType: 6, interlaced: true }),
      blackPng(5_000, 5_000, { bits: 16, colourType: 6, interlaced: true }),
      blackPng(7_200, 7_200, { bits: 16, colourType: 6, interlaced: true }),
      blackPng(20_000, 20_000),
    ];
    for (const picture of worst) await put(picture);
    expect(counts).toMatchObject({ converted: 2, refused: 2, failed: 0 });
    expect(counts.peakBytes).toBeGreaterThan(50 * MB);
    expect(counts.peakBytes).toBeLessThan(450 * MB);
  });

  it('that is there already changes nothing, so that it may be sent again', async (t) => {
    const { app, admin, event, put } = await world(t);
    const picture = await plainPicture();
    const first = (await (await put(picture)).json()) as Event;
    const again = (await (await put(picture)).json()) as Event;
    expect(again).toEqual(first);
    expect(again.revision).toBe(event.revision + 1);
    const files = await app.app.models.imageFiles.countDocuments();
    expect(files).toBe(6);
    const other = (await (await put(picture, { query: 'alt=Another' })).json()) as Event;
    expect([other.revision, other.image?.url]).toEqual([again.revision + 1, first.image?.url]);
    expect(await app.app.models.imageFiles.countDocuments()).toBe(files);
    expect(await admin.must('getEvent', { eventId: event.id })).toEqual(other);
  });

  it('gets another text and focus by an empty body, and is taken away again', async (t) => {
    const { app, admin, event, put } = await world(t);
    const none = Buffer.alloc(0);
    expect(await refusalOf(await put(none))).toMatchObject({
      status: 409,
      code: 'INVALID_STATE',
      details: { image: null },
    });
    const before = await imageOf(await put(await plainPicture()));
    const after = await imageOf(await put(none, { query: 'alt=Chairs&focusX=1&focusY=0' }));
    expect(after).toEqual({ ...before, alt: 'Chairs', focusX: 1, focusY: 0 });
    const removed = pushed(admin.socket, 'eventChanged', ({ image }) => image === null);
    const response = await removeImage(app, event.id, admin.token);
    expect([response.status, ((await response.json()) as Event).image]).toEqual([200, null]);
    expect(await removed).toMatchObject({ id: event.id, revision: event.revision + 3 });
    const pushes = pushesOf(admin.socket, 'eventChanged');
    expect((await removeImage(app, event.id, admin.token)).status).toBe(200);
    await admin.must('updateEvent', { eventId: event.id, revision: event.revision + 3, changes: { title: 'Blues' } });
    await expect.poll(() => pushes.at(-1)?.title).toBe('Blues');
    expect(pushes).toHaveLength(1);
  });

  it('is kept by edits of the text, and makes a sample an event like others', async (t) => {
    const { app, admin, event, put } = await world(t);
    await app.app.models.events.updateOne({ _id: event.id }, { $set: { sample: true } });
    const image = await imageOf(await put(await plainPicture()));
    const changes = { title: 'Blues' };
    const edited = await admin.must('updateEvent', { eventId: event.id, revision: event.revision + 1, changes });
    expect([edited.image, edited.sample]).toEqual([image, undefined]);
    const read = (await (await app.get('/api/events')).json()) as { events: Event[] };
    expect(read.events.map((one) => one.image)).toEqual([image]);
  });

  it('is refused for an event that is cancelled, or is none', async (t) => {
    const { app, admin, event, put } = await world(t);
    await put(await plainPicture());
    await admin.must('cancelEvent', { eventId: event.id, reason: 'Storm' });
    const cancelled = { status: 409, code: 'INVALID_STATE', details: { status: 'cancelled' } };
    expect(await refusalOf(await put(await plainPicture(640, 480)))).toMatchObject(cancelled);
    expect(await refusalOf(await removeImage(app, event.id, admin.token))).toMatchObject(cancelled);
    const nowhere = await put(await plainPicture(), { eventId: 'f'.repeat(24) });
    expect(await refusalOf(nowhere)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });
});

describe('a file that is no picture for an event', () => {
  it('is refused by its bytes, whatever its type says, and with what is wrong', async (t) => {
    const { put } = await world(t);
    const good = await plainPicture();
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><script>alert(1)</script></svg>',
    );
    const gif = await sharp(good).gif().toBuffer();
    const jpeg = await sharp(good).jpeg().toBuffer();
    const cases: [Buffer, string][] = [
      [svg, 'unknown_format'],
      [Buffer.from(`\ufeff<?xml version="1.0"?>${String(svg)}`), 'unknown_format'],
      [gif, 'unknown_format'],
      [Buffer.from('%PDF-1.7'), 'unknown_format'],
      [Buffer.from('x'), 'unknown_format'],
      [blackPng(1, 1), 'too_small'],
      [await plainPicture(319, 1_000), 'too_small'],
      [await plainPicture(400, 1_604), 'too_long'],
      [blackPng(20_000, 20_000), 'too_large'],
      [jpeg.subarray(0, jpeg.length / 2), 'unreadable'],
      [good.subarray(0, good.length - 40), 'unreadable'],
      [Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), svg]), 'unreadable'],
      [Buffer.alloc(MAX_UPLOAD_BYTES + 1), 'too_big'],
    ];
    for (const [bytes, why] of cases) {
      const refusal = await issueOf(await put(bytes, { headers: { 'content-type': 'image/png' } }));
      expect([bytes.length, refusal]).toEqual([bytes.length, [400, 'INVALID_INPUT', [`image: ${why}`]]]);
    }
    const largest = await put(good, { headers: { 'content-type': 'image/svg+xml' } });
    expect(largest.status).toBe(200);
  });

  it('is refused at the first byte too many if it does not say how long it is', async (t) => {
    const { put } = await world(t);
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += MB;
        if (sent > 24 * MB) controller.close();
        else controller.enqueue(new Uint8Array(MB));
      },
    });
    const refusal = await issueOf(await put(Buffer.alloc(0), { picture: endless }));
    expect(refusal).toEqual([400, 'INVALID_INPUT', ['image: too_big']]);
  });

  it('leaves no trace, and is counted', async (t) => {
    const { app, event, put } = await world(t);
    await put(blackPng(1, 1));
    expect(await app.app.models.imageFiles.countDocuments()).toBe(0);
    const read = (await (await app.get(`/api/events/${event.id}`)).json()) as Event;
    expect([read.image, read.revision]).toEqual([null, event.revision]);
    const metrics = await (await app.get('/metrics')).text();
    expect(metrics).toContain('frontrow_image_uploads_total{result="refused"} 1\n');
    expect(metrics).toMatch(/^frontrow_image_upload_bytes_total [1-9]/m);
  });
});

describe('pictures of uncommon kinds', () => {
  it('are shown in sRGB, still, and on white paper', async (t) => {
    const { app, put } = await world(t);
    const red = { r: 200, g: 40, b: 40 };
    const pixelOf = async (picture: Buffer) => {
      const { url } = await imageOf(await put(picture));
      const file = Buffer.from(await (await app.get(url)).arrayBuffer());
      const { pages = 1, channels, hasProfile } = await sharp(file).metadata();
      expect([pages, channels, hasProfile]).toEqual([1, 3, false]);
      return [...(await sharp(file).extract({ left: 200, top: 200, width: 1, height: 1 }).raw().toBuffer())];
    };
    const near = ([r, g, b]: [number, number, number]) => [r, g, b].map((value) => expect.closeTo(value, -1.3));
    const cmyk = await sharp(await plainPicture(400, 400, red))
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const [r = 0, g = 0, b = 0] = await pixelOf(cmyk);
    expect([r > 150, g < 100, b < 100]).toEqual([true, true, true]);
    const grey = await sharp(await plainPicture(400, 400))
      .greyscale()
      .png()
      .toBuffer();
    expect(new Set(await pixelOf(grey)).size).toBe(1);
    const clear = {
      create: { width: 400, height: 400, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    } as const;
    expect(await pixelOf(await sharp(clear).webp().toBuffer())).toEqual([255, 255, 255]);
    expect(await pixelOf(await animation())).toEqual(near([220, 20, 20]));
    const avif = await sharp(await plainPicture(400, 400, red))
      .avif()
      .toBuffer();
    expect(await pixelOf(avif)).toEqual(near([200, 40, 40]));
  });
});

describe('the address of an upload', () => {
  it('needs a text for those who do not see the picture, and knows no other words', async (t) => {
    const { put } = await world(t);
    const picture = await plainPicture();
    for (const query of [
      '',
      'alt=',
      'alt=%20',
      `alt=${'a'.repeat(251)}`,
      'alt=a&alt=b',
      'alt=a&focusX=1.1',
      'alt=a&focusY=-1',
    ]) {
      expect([query, (await refusalOf(await put(picture, { query }))).code]).toEqual([query, 'INVALID_INPUT']);
    }
    for (const query of ['alt=a&title=b', 'alt=a&focusX=x', 'alt=a&focusX=', 'alt=a&focusX=1e-1', 'alt=a&eventId=b'])
      expect([query, (await put(picture, { query })).status]).toEqual([query, 400]);
    expect((await put(picture, { query: 'alt=a&focusX=0&focusY=0.999999' })).status).toBe(200);
  });

  it('is for organisers, of pages of this site, and at most sixty times in ten minutes', async (t) => {
    const { app, event, put } = await world(t);
    const picture = await plainPicture();
    const alice = await app.register('alice');
    expect((await put(picture, { token: null })).status).toBe(401);
    expect((await put(picture, { token: alice.token })).status).toBe(403);
    expect((await put(picture, { headers: { origin: 'https://evil.test' } })).status).toBe(403);
    const read = (await (await app.get(`/api/events/${event.id}`)).json()) as Event;
    expect(read.image).toBeNull();
    for (let i = 0; i < 60; i += 1) expect((await put(picture, { query: '' })).status).toBe(400);
    const limited = await refusalOf(await put(picture));
    expect(limited).toMatchObject({ status: 429, code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) });
  });

  it('answers BUSY to the fifth at a time, and takes it later', async (t) => {
    const { put } = await world(t);
    const pictures = await Promise.all([400, 410, 420, 430, 440, 450].map((width) => plainPicture(width)));
    const answers = await Promise.all(pictures.map((picture) => put(picture)));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, 200, 200, 200, 503, 503]);
    const busy = answers.find(({ status }) => status === 503) ?? expect.fail('None was busy');
    expect(await refusalOf(busy)).toMatchObject({ code: 'BUSY', retryAfterMs: 5_000 });
    expect((await put(pictures[5] ?? Buffer.alloc(0))).status).toBe(200);
  });
});

describe('a file of an image', () => {
  it('never changes under its name, says so, and is nothing but a picture', async (t) => {
    const { app, put } = await world(t);
    const image = await imageOf(await put(await plainPicture()));
    const response = await app.get(image.url);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    const etag = response.headers.get('etag') ?? '';
    const again = await app.get(image.url, { 'if-none-match': etag });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const head = await fetch(app.url + image.url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, response.headers.get('content-length')]);
  });

  it('that is not stored, or is named otherwise, is NOT_FOUND and not remembered', async (t) => {
    const { app } = await world(t);
    const id = 'a'.repeat(32);
    for (const name of [
      `${id}-480.jpg`,
      `${id}-480.png`,
      `${id}-0.jpg`,
      `${id}.jpg`,
      '..%2f..%2fetc',
      `${id}-480.jpg%00`,
    ]) {
      const response = await app.get(`/api/images/${name}`);
      expect([name, response.status, response.headers.get('cache-control')]).toEqual([name, 404, 'no-store']);
    }
  });

  it('is served by another server on the database', async (t) => {
    const { app, put } = await world(t);
    const { url } = await imageOf(await put(await plainPicture()));
    const other = await testApp(t, { mongoUri: app.mongoUri });
    const [one, two] = await Promise.all([app, other].map(async ({ get }) => (await get(url)).arrayBuffer()));
    expect(Buffer.from(two ?? new ArrayBuffer())).toEqual(Buffer.from(one ?? new ArrayBuffer(1)));
  });
});

describe('the card of a shared link', () => {
  const cardOf = ({ id, revision }: Event, locale = 'en') =>
    `/api/events/${id}/card.jpg?revision=${revision}&locale=${locale}`;
  const dominant = async (jpeg: ArrayBuffer, box: { left: number; top: number; width: number; height: number }) =>
    (await sharp(await sharp(Buffer.from(jpeg)).extract(box).toBuffer()).stats()).dominant;

  it('has the picture, or the artwork, above date and title, at an address of its own for each revision', async (t) => {
    const { app, event, put } = await world(t);
    const drawn = await app.get(cardOf(event));
    expect([drawn.status, drawn.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(drawn.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const before = await drawn.arrayBuffer();
    const { width, height, exif } = await sharp(Buffer.from(before)).metadata();
    expect([width, height, exif]).toEqual([1_200, 630, undefined]);
    expect(before.byteLength).toBeLessThan(150_000);

    const response = await put(await plainPicture(1_600, 900, { r: 220, g: 30, b: 30 }));
    const shown = (await response.json()) as Event;
    const after = await (await app.get(cardOf(shown))).arrayBuffer();
    const above = await dominant(after, { left: 0, top: 0, width: 1_200, height: 360 });
    expect([above.r > 200, above.g < 60, above.b < 60]).toEqual([true, true, true]);
    const below = { left: 0, top: 380, width: 1_200, height: 250 };
    expect(await dominant(after, below)).toEqual(await dominant(before, below));
    const german = await (await app.get(cardOf(shown, 'de'))).arrayBuffer();
    expect(Buffer.from(german).equals(Buffer.from(after))).toBe(false);
  });

  it('of another revision leads to the present one, and is drawn once for all that ask', async (t) => {
    const { app, admin, event } = await world(t);
    const edited = await admin.must('updateEvent', {
      eventId: event.id,
      revision: 1,
      changes: { title: '<b>&amp; "Ł' },
    });
    const old = await fetch(app.url + cardOf(event), { redirect: 'manual' });
    expect([old.status, old.headers.get('location')]).toEqual([302, cardOf(edited)]);
    expect(old.headers.get('cache-control')).toBe('no-store');
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.get(cardOf(edited))));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(20).fill(200));
  });

  it('is of public events, and of the languages of the pages', async (t) => {
    const { app, admin, event } = await world(t);
    const draft = await admin.must('createEvent', eventInput({ status: 'draft' }));
    expect((await app.get(cardOf(draft))).status).toBe(404);
    const path = `/api/events/${event.id}/card.jpg`;
    for (const query of [
      '',
      '?revision=1',
      '?locale=en',
      '?revision=1&locale=fr',
      '?revision=0&locale=en',
      '?revision=1.5&locale=en',
    ])
      expect([query, (await app.get(path + query)).status]).toEqual([query, 400]);
    expect((await app.get(`${cardOf(event)}&size=2`)).status).toBe(400);
  });
});
