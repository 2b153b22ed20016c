using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Tests.Uapi;

/// <summary>
/// Calls that were made on sockets of a Linux kernel with TCP-AO, and what it answered to each: errno, and for getsockopt every byte that it wrote.
/// The model must say the same.
/// </summary>
public sealed partial class KernelAnswersTests
{
    private const string Recording = "tests/TcpAo.Tests/Vectors/linux-socket-calls-7.2.txt";
    private const int VrfIndex = 4;
    private const int OtherIndex = 5;
    private const int ShortestRun = 4;

    [Fact]
    [Requirement("R-018", "R-019", "R-055", "R-056", "R-057", "R-099")]
    public void Model_GivenTheCallsOfAProgram_AnswersAsTheKernelDid()
    {
        int calls = 0;
        Replay? socket = null;
        foreach ((int number, string line) in Repository.Read(Recording).Split('\n').Index().Where(line => line.Item.Length > 0 && line.Item[0] != '#'))
        {
            string[] fields = line.Split(' ');
            if (fields[0] is "N")
            {
                socket = new Replay(fields[1] is "2" ? SocketFamily.Inet : SocketFamily.Inet6);
                continue;
            }

            string expected = line[(line.IndexOf('=', StringComparison.Ordinal) + 2)..];
            Assert.True(string.Equals(expected, socket!.Call(fields), StringComparison.Ordinal), $"{Recording}:{number + 1}: the kernel said {expected}, the model {socket.Last}");
            calls++;
        }

        Assert.True(calls > 1000, $"{calls} calls");
    }

    /// <summary>One socket, and what a kernel would know of it.</summary>
    private sealed partial class Replay : IL3Devices
    {
        private readonly AoSocket _socket;
        private SocketFacts _facts;

        public Replay(SocketFamily family)
        {
            _socket = new AoSocket(new SocketNamespace { Md5 = Md5Support.Engine, L3Devices = this });
            _facts = new SocketFacts(family, TcpState.Closed) { MayRepair = true };
        }

        public string Last { get; private set; } = "";

        public string Call(string[] fields) => Last = fields[0] switch
        {
            "S" => Set(fields),
            "G" => Get(fields),
            "C" => Connect(fields[1]),
            "L" => Become(_facts with { State = TcpState.Listen }),
            "R" => Become(_facts with { InRepair = true }),
            _ => Become(_facts with { BoundDevice = fields[1] is "10" ? VrfIndex : OtherIndex }),
        };

        bool IL3Devices.IsL3Master(int index) => index == VrfIndex;

        int IL3Devices.MasterOf(int index) => index == VrfIndex ? VrfIndex : 0;

        private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

        private static byte[] Unpack(string text, int length)
        {
            string hex = text is "-" ? "" : Zeros().Replace(text, match => new string('0', 2 * Number(match.Groups["count"].Value)));
            byte[] bytes = new byte[Math.Max(0, length)];
            Convert.FromHexString(hex).CopyTo(bytes, 0);
            return bytes;
        }

        private static string Pack(ReadOnlySpan<byte> bytes)
        {
            bytes = bytes[..(bytes.LastIndexOfAnyExcept((byte)0) + 1)];
            StringBuilder text = new();
            while (!bytes.IsEmpty)
            {
                int next = bytes.IndexOfAnyExcept((byte)0);
                int count = next == 0 ? 1 : next;
                text.Append(next >= ShortestRun ? $"~{next}~" : Convert.ToHexString(bytes[..count]));
                bytes = bytes[count..];
            }

            return text.Length == 0 ? "-" : text.ToString();
        }

        private string Set(string[] fields)
        {
            int length = Number(fields[2]);
            return $"{(int)_socket.SetOption((TcpSocketOption)Number(fields[1]), Unpack(fields[3], length), length, _facts).Errno}";
        }

        private string Get(string[] fields)
        {
            var option = (TcpSocketOption)Number(fields[1]);
            int length = Number(fields[2]);
            byte[] value = Unpack(fields[3], length);
            UapiAnswer answer = _socket.GetOption(option, value, length, _facts);
            byte[] memory = new byte[8192];
            value.CopyTo(memory, 0);
            foreach (UapiWrite write in answer.Writes)
            {
                write.Bytes.CopyTo(memory, write.Offset);
            }

            // the ISNs of a real socket are its own
            bool isCompared = answer.Errno == LinuxErrno.None && option != TcpSocketOption.AoRepair;
            return $"{(int)answer.Errno} {answer.Length ?? length} {(isCompared ? Pack(memory.AsSpan(0, 4096)) : "-")}";
        }

        private string Connect(string peer)
        {
            SocketFacts facts = _facts with { HasPeer = true, Pair = SocketRig.Pair("192.0.2.1") with { Remote = IpAddressBits.From(IPAddress.Parse(peer)) } };
            LinuxErrno errno = _socket.Connect(facts);
            _facts = errno == LinuxErrno.None ? facts with { State = facts.InRepair ? TcpState.Established : TcpState.SynSent } : _facts;
            return $"{(int)errno}";
        }

        private string Become(SocketFacts facts)
        {
            _facts = facts;
            return "0";
        }

        [GeneratedRegex("~(?<count>[0-9]+)~", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
        private static partial Regex Zeros();
    }
}
