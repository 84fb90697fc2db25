/** Files and folders as people drop and choose them. */

/** Return the files of what was dropped, those within folders, too, each with its path. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  return (await Promise.all(entries.map((entry) => within(entry, "")))).flat();
}

/** Return the files that were chosen, each with its path. */
export function picked(files) {
  return [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

async function within(entry, folder) {
  const path = `${folder}${entry.name}`;
  if (entry.isFile) return [{ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // 100 at a time
    if (!some.length) break;
    found.push(...(await Promise.all(some.map((each) => within(each, `${path}/`)))).flat());
  }
  return found;
}
