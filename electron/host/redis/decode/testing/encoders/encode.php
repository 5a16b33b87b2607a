<?php
/** Prints one JSON line for each fixture, as encode.py does. */
namespace App\Models;

function put(string $name, array $layers, string $data): void
{
    echo json_encode(['name' => $name, 'layers' => $layers, 'b64' => base64_encode($data)]), "\n";
}

class User
{
    public $name = 'Ada';
    protected $attributes = ['id' => 7];
    private $secret = 'hidden';
    public ?User $self = null;
}

enum Suit: string
{
    case Hearts = 'H';
}

$user = new User();
$user->self = $user;
$shared = 5;
put('PHP array', ['php'], serialize(['id' => 1, 'name' => 'Grüße', 5 => 1.5, 'none' => null, 'yes' => true, 'list' => ['a', 'b'], 'bytes' => "\xff\x00"]));
put('PHP object', ['php'], serialize($user));
put('PHP references', ['php'], serialize(['a' => &$shared, 'b' => &$shared]));
put('PHP enum and floats', ['php'], serialize([Suit::Hearts, INF, -0.1, 1e100]));
put('PHP ArrayObject', ['php'], serialize(new \ArrayObject(['x' => 1])));
put('Laravel session: PHP in a PHP string', ['php', 'php'], serialize(serialize(['_token' => 'abc', 'user' => 7])));
put('PHP string', ['php'], serialize('just a longer text in PHP'));
