using TcpAo.KeyChains;

namespace TcpAo.Hosting.KeyStores;

/// <summary>A document of the store that this host can use.</summary>
/// <param name="Document">The document.</param>
/// <param name="Content">The same as the store has it.</param>
/// <param name="Chain">The chain, with its secrets.</param>
internal sealed record StoredDocument(ChainDocument Document, byte[] Content, KeyChain Chain);
