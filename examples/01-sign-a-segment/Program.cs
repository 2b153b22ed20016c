// Two TCP-AO engines against each other, called as a TCP stack would call them. No sockets, no privileges.

using System.Net;
using SignASegment;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Wire;

const uint ClientIsn = 1_000_000;
const uint ServerIsn = 4_294_960_000; // a little below 2^32: the server's sequence numbers wrap soon
int failures = 0;

var pair = new SocketPair(
    IpAddressBits.From(IPAddress.Parse("192.0.2.1")), IpAddressBits.From(IPAddress.Parse("192.0.2.2")), LocalPort: 40000, RemotePort: 179);
var client = new End(pair, ClientIsn);
var server = new End(pair.Reversed, ServerIsn);

// 1. Both ends have the same key; what one sends with, the other receives with.
client.UseKeys(Key("core/1", sendId: 61, recvId: 84, MacAlgorithms.HmacSha1));
server.UseKeys(Key("core/1", sendId: 84, recvId: 61, MacAlgorithms.HmacSha1));

// 2. The handshake. Each packet grows by the option: 4 bytes and a MAC of 12.
byte[] syn = client.Send(TcpFlags.Syn);
Step($"the SYN is signed: {Describe(syn)}", Has(syn, keyId: 61, rnextKeyId: 84));
Step("the server verifies it", server.Receive(syn));
byte[] synAck = server.Send(TcpFlags.Syn | TcpFlags.Ack);
Step($"the SYN-ACK is signed: {Describe(synAck)}", Has(synAck, keyId: 84, rnextKeyId: 61) && client.Receive(synAck));
Step("the ACK ends the handshake", server.Receive(client.Send(TcpFlags.Ack)) && server.Connection.State == ConnectionState.Synchronized);

// 3. Data both ways; the server's numbers pass 2^32 on the way, so that its SNE becomes 1.
byte[] first = client.Send(TcpFlags.Psh | TcpFlags.Ack, "hello");
Step($"data from the client: {Describe(first)}", server.Receive(first));
bool good = true;
for (int i = 0; i < 10; i++)
{
    good &= client.Receive(server.Send(TcpFlags.Psh | TcpFlags.Ack, new string('x', 1000)));
}

Step($"10 000 bytes from the server, past the end of its sequence numbers: SNE {client.Connection.ReceiveSne}", good && client.Connection.ReceiveSne == 1);

// 4. A second key: known first, then asked for, then used, and the first one removed last.
client.UseKeys(Key("core/1", 61, 84, MacAlgorithms.HmacSha1), Key("core/2", 62, 85, MacAlgorithms.AesCmac));
server.UseKeys(Key("core/1", 84, 61, MacAlgorithms.HmacSha1), Key("core/2", 85, 62, MacAlgorithms.AesCmac));
byte[] before = client.Send(TcpFlags.Psh | TcpFlags.Ack, "both keys known");
Step($"a new key changes nothing by itself: {Describe(before)}", Has(before, 61, 84) && server.Receive(before));

Step("each end asks for the new key", server.Connection.SetRNextKey(62) && client.Connection.SetRNextKey(85));
byte[] asking = server.Send(TcpFlags.Ack);
Step($"the server asks: {Describe(asking)}", Has(asking, 84, 62) && client.Receive(asking));
byte[] following = client.Send(TcpFlags.Ack);
Step($"the client follows, and asks too: {Describe(following)}", Has(following, 62, 85) && server.Receive(following));
byte[] followed = server.Send(TcpFlags.Ack);
Step($"the server follows: {Describe(followed)}", Has(followed, 85, 62) && client.Receive(followed));

client.UseKeys(Key("core/2", 62, 85, MacAlgorithms.AesCmac));
server.UseKeys(Key("core/2", 85, 62, MacAlgorithms.AesCmac));
byte[] after = client.Send(TcpFlags.Psh | TcpFlags.Ack, "the old key is gone");
Step($"the old key is deleted: {Describe(after)}", Has(after, 62, 85) && server.Receive(after) && client.Connection.Keys.Keys.Length == 1);
Step($"a segment under the old key is refused: {Refusal(server, before)}", server.LastReason == TcpAo.DropReason.KeyNotFound);

// 5. The client's program is restarted; the connection goes on.
Step("a connection is saved and restored", client.Restart());
byte[] restored = client.Send(TcpFlags.Psh | TcpFlags.Ack, "here again");
Step($"and goes on: {Describe(restored)}", server.Receive(restored) && client.Receive(server.Send(TcpFlags.Ack)));

// 6. What must not enter.
byte[] reset = new byte[64];
int resetLength = PacketBuilder.Write(reset, pair, TcpFlags.Rst, ClientIsn + 1, 0, []);
Step($"a forged reset without a signature is refused: {Refusal(server, reset[..resetLength])}", server.LastReason == TcpAo.DropReason.AoRequired);
byte[] changed = [.. restored];
changed[^1] ^= 1;
Step($"a segment with one bit changed is refused: {Refusal(server, changed)}", server.LastReason == TcpAo.DropReason.MacMismatch);

client.Reopen(2_000_000);
server.Reopen(3_000_000);
good = server.Receive(client.Send(TcpFlags.Syn)) && client.Receive(server.Send(TcpFlags.Syn | TcpFlags.Ack)) && server.Receive(client.Send(TcpFlags.Ack));
Step("a new connection on the same ports", good);
Step($"a segment replayed from the one before is refused: {Refusal(server, restored)}", server.LastReason == TcpAo.DropReason.MacMismatch);

Console.WriteLine(failures == 0 ? "all as expected" : $"{failures} not as expected");
return failures == 0 ? 0 : 1;

void Step(string text, bool asExpected)
{
    failures += asExpected ? 0 : 1;
    Console.WriteLine($"{(asExpected ? "ok  " : "FAIL")} {text}");
}

static AoKey Key(string name, byte sendId, byte recvId, MacAlgorithm algorithm) =>
    new(name, sendId, recvId, algorithm, Secret.FromText("an example, never a key"));

static bool Has(byte[] bytes, byte keyId, byte rnextKeyId)
{
    TcpPacket.TryParse(bytes, out TcpPacket packet);
    return packet.HasAo && packet.KeyId == keyId && packet.RNextKeyId == rnextKeyId;
}

static string Describe(byte[] bytes)
{
    TcpPacket.TryParse(bytes, out TcpPacket packet);
    return $"{bytes.Length} bytes, KeyID {packet.KeyId}, RNextKeyID {packet.RNextKeyId}, MAC {Convert.ToHexStringLower(packet.Mac)}";
}

static string Refusal(End end, byte[] bytes) => end.Receive(bytes) ? "it was not" : TcpAo.DropReasonExtensions.ToName(end.LastReason);
