<?php
// Builds a small site in /job from the posts in /job/posts, keeps an index of it in a database, and says what it did.
declare(strict_types=1);
error_reporting(E_ALL);
set_error_handler(function (int $level, string $message, string $file, int $line): never {
    throw new ErrorException($message, 0, $level, $file, $line);
});

if (!is_dir('/job/posts')) {
    mkdir('/job/posts');
    foreach (new DirectoryIterator('/app/posts') as $post) {
        if ($post->isFile()) copy($post->getPathname(), '/job/posts/' . $post->getFilename());
    }
}

// One page per post; drafts are deleted, a page is renamed into its place when it is whole.
mkdir('/job/site/pages', 0777, true);
foreach (glob('/job/posts/*.md') as $path) {
    $name = basename($path, '.md');
    if (str_starts_with($name, 'draft-')) {
        unlink($path);
        continue;
    }
    $lines = file($path, FILE_IGNORE_NEW_LINES);
    $page = fopen('/job/site/new.html', 'w');
    fwrite($page, '<h1>' . htmlspecialchars(substr(array_shift($lines), 2)) . "</h1>\n");
    foreach (array_filter($lines) as $line) fwrite($page, '<p>' . htmlspecialchars($line) . "</p>\n");
    fclose($page);
    rename('/job/site/new.html', "/job/site/pages/$name.html");
    file_put_contents('/job/site/build.log', "$name\n", FILE_APPEND);
}

// Change a file in its middle, cut another.
$hits = fopen('/job/site/hits.bin', 'w+b');
fwrite($hits, str_repeat(pack('V', 7), 1000));
fseek($hits, 400);
fwrite($hits, pack('V', 4711));
ftruncate($hits, 2000);
rewind($hits);
$sum = array_sum(unpack('V*', stream_get_contents($hits)));
fclose($hits);

// A database file, closed and opened again.
$insert = function (PDO $db): void {
    $db->exec('CREATE TABLE pages (name TEXT PRIMARY KEY, bytes INTEGER, sha TEXT)');
    $db->beginTransaction();
    $row = $db->prepare('INSERT INTO pages VALUES (?, ?, ?)');
    foreach (scandir('/job/site/pages') as $name) {
        if ($name[0] === '.') continue;
        $path = "/job/site/pages/$name";
        $row->execute([$name, filesize($path), hash_file('sha256', $path)]);
    }
    $db->commit();
};
$open = fn (): PDO => new PDO('sqlite:/job/site/index.db', null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$insert($open());
$db = $open();

rmdir_all('/job/posts');
function rmdir_all(string $folder): void {
    $below = new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS);
    foreach (new RecursiveIteratorIterator($below, RecursiveIteratorIterator::CHILD_FIRST) as $entry) {
        $entry->isDir() ? rmdir($entry->getPathname()) : unlink($entry->getPathname());
    }
    rmdir($folder);
}

header('Content-Type: application/json');
echo json_encode([
    'pages' => $db->query('SELECT name, bytes, sha FROM pages ORDER BY name')->fetchAll(PDO::FETCH_ASSOC),
    'check' => $db->query('PRAGMA integrity_check')->fetchColumn(),
    'sum' => $sum,
    'log' => file_get_contents('/job/site/build.log'),
    'left' => array_values(array_diff(scandir('/job'), ['.', '..'])),
]);
