// node engine_sharp.cjs ORIGINAL RENDITION WIDTH HEIGHT
const sharp = require("sharp");
const [original, rendition, width, height] = process.argv.slice(2);
sharp.concurrency(1);
sharp(original)
  .autoOrient()
  .resize(Number(width), Number(height), { fit: "inside", withoutEnlargement: true })
  .jpeg({ quality: 85, progressive: true })
  .toFile(rendition);
