const painted = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'fill-opacity', 'font-size', 'font-family', 'font-weight', 'text-anchor'];

/** A copy of a chart that carries its own colours: those of the page's style sheets do not reach an image. */
function standalone(svg: SVGSVGElement, ground: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  for (const [at, original] of originals.entries()) {
    const style = window.getComputedStyle(original);
    const element = copies[at] as Element;
    element.removeAttribute('class');
    element.removeAttribute('style');
    for (const name of painted) {
      const value = style.getPropertyValue(name);
      if (value !== '') element.setAttribute(name, value);
    }
  }
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const back = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  back.setAttribute('width', '100%');
  back.setAttribute('height', '100%');
  back.setAttribute('fill', ground);
  copy.prepend(back);
  return new XMLSerializer().serializeToString(copy);
}

/** What stands around the chart in the picture, so that it tells what it is where the page is not at hand. */
export interface PictureWords {
  title: string;
  /** The series shown; one alone needs no legend. */
  legend: readonly { name: string; colour: string }[];
}

const margin = 16;
const lineHeight = 22;

/** Places of the legend's entries, in lines as wide as the chart. */
function legendPlaces(context: CanvasRenderingContext2D, legend: PictureWords['legend'], width: number): { x: number; line: number }[] {
  let x = 0;
  let line = 0;
  return legend.map(({ name }) => {
    const needs = 16 + context.measureText(name).width + 18;
    if (x > 0 && x + needs > width) {
      x = 0;
      line += 1;
    }
    const place = { x, line };
    x += needs;
    return place;
  });
}

function save(url: string, fileName: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
}

/** Offers a chart as a PNG of twice its size on the screen. Rejects when the browser cannot draw it. */
export async function downloadPng(svg: SVGSVGElement, fileName: string, { title, legend }: PictureWords): Promise<void> {
  const tokens = window.getComputedStyle(document.documentElement);
  const ground = tokens.getPropertyValue('--la-panel').trim() || '#ffffff';
  const { width, height } = svg.getBoundingClientRect();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(svg, ground))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser gives no canvas to draw on');
  const shown = legend.length > 1 ? legend : [];
  const small = "12px 'Inter Variable', Inter, sans-serif";
  context.font = small;
  const places = legendPlaces(context, shown, width);
  const top = margin + lineHeight * (1 + (places.at(-1)?.line ?? -1) + 1) + 8;
  // a new size forgets everything that was set
  canvas.width = Math.round((width + 2 * margin) * 2);
  canvas.height = Math.round((top + height + margin) * 2);
  context.scale(2, 2);
  context.fillStyle = ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = 'middle';
  context.fillStyle = tokens.getPropertyValue('--la-text').trim() || '#000000';
  context.font = small.replace('12px', '600 13px');
  context.fillText(title, margin, margin + lineHeight / 2);
  context.font = small;
  for (const [at, { name, colour }] of shown.entries()) {
    const { x, line } = places[at] as { x: number; line: number };
    const middle = margin + lineHeight * (line + 1.5);
    context.fillStyle = colour;
    context.fillRect(margin + x, middle - 5, 10, 10);
    context.fillStyle = tokens.getPropertyValue('--la-text').trim() || '#000000';
    context.fillText(name, margin + x + 16, middle);
  }
  context.drawImage(image, margin, top, width, height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob === null) throw new Error('This browser cannot make a PNG of the chart');
  const url = URL.createObjectURL(blob);
  save(url, fileName);
  // The download has its own reference by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
